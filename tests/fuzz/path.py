import sys
seeds = ["/", "/eds/all/fr/index.html?q=1", "/%65ds/%2e%2e/x", "/a//b", "/a/./b",
         "/a/../b", "/a%2fb", "/%252e", "/a.b~/c_d-e", "/" + "a/" * 17,
         "/" + "a" * 130, "*", "http://h/", "/a#b", "/a%00", "/-/login"]
for n, text in enumerate(seeds):
    with open("%s/seed-%d" % (sys.argv[1], n), "w") as file:
        file.write(text)
