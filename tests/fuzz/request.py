import sys
token = "A" * 43
seeds = ["Host:localhost\nContent-Length:12\nCookie:tbms=%s" % token,
         "Host:localhost:8080\nTransfer-Encoding:chunked\nExpect:100-continue",
         "Host:[::1]\nHost:localhost\nContent-Length:1\nContent-Length:2",
         "Host:localhost\nTransfer-Encoding:gzip\nX y:z\n:\nX:\x01",
         "token=%s&user=a%%40b.c&password=a+b%%C3%%A9&next=/a/" % token,
         "a=b; tbms=%s; tbms-login=%s" % (token, token),
         'W/"0123", "0123" , *', "https://localhost"]
for n, text in enumerate(seeds):
    with open("%s/seed-%d" % (sys.argv[1], n), "w") as file:
        file.write(text)
