#!/bin/sh
# dashboard: pages that are well-formed, whole without scripts, the same on a
# second run, with the values that went in and nothing of other views.
. "$(dirname "$0")/lib.sh"

NOW=2026-03-12T16:30:30Z
site=$TBMS_ROOT/site/acme

put() {
	tenant-db put --tenant acme "$1" >/dev/null || exit 1
}
tenant-db create --tenant acme --name 'Acme <b>&"Co"' --timezone America/Toronto \
    --language fr || exit 1
put battery_types <<'X'
{"slug":"lfp-16s","name":"LFP 16S <i>","chemistry":"lfp","nominal_voltage":51.2,"capacity_ah":100,"capacity_wh":5120,"cell_count":16,"plausibility":{"stuck":false}}
{"slug":"big","name":"CANARY type","chemistry":"ncm","nominal_voltage":400,"capacity_ah":150,"capacity_wh":60000,"cell_count":108,"plausibility":{"stuck":false}}
X
put locations <<'X'
{"slug":"north","name":"North \"depot\"","city":"Lévis","responsible_name":"O'Hara"}
{"slug":"north-hall","name":"Hall 1","parent":"north","level":2}
{"slug":"south","name":"CANARY place","timezone":"Africa/Dakar"}
X
put batteries <<'X'
{"slug":"b-one","serial_number":"S<1>","name":"<img src=x onerror=alert(1)>\"'&\u2028end","battery_type":"lfp-16s","location":"north-hall","internal_id":"'=1+1","status":"operational","notes":"</main><script>alert(2)</script>"}
{"slug":"b-two","serial_number":"S2","name":"Two","battery_type":"lfp-16s","location":"north","status":"operational","commissioning_date":"2024-05-06"}
{"slug":"c-zeta","serial_number":"CANARY serial","name":"CANARY name","battery_type":"big","location":"south","internal_id":"CANARY-id","status":"operational"}
{"slug":"d-none","serial_number":"S4","name":"Never heard","battery_type":"lfp-16s","location":"north","status":"operational"}
X
put custom_fields <<'X'
{"field_name":"p","field_label":"Projet <u>","field_type":"text","applies_to":"battery"}
{"field_name":"l","field_label":"Lien","field_type":"text","applies_to":"battery"}
X
put custom_field_values <<'X'
{"custom_field":"p","entity_type":"battery","entity":"b-one","field_value":"<svg/onload=alert(3)>"}
{"custom_field":"l","entity_type":"battery","entity":"b-one","field_value":"javascript:alert(4)"}
{"custom_field":"p","entity_type":"battery","entity":"c-zeta","field_value":"CANARY field"}
X
put views <<'X'
{"slug":"north","name":"North only","selection":{"locations":["north"]}}
X
put maintenance_logs <<'X'
{"battery":"b-two","performed_at":"2026-03-01T10:00:00Z","kind":"inspection","title":"Bars <tight>ened"}
{"battery":"c-zeta","performed_at":"2026-03-01T10:00:00Z","kind":"inspection","title":"CANARY upkeep"}
X
put alerts <<'X'
{"battery":"b-two","severity":"warning","category":"temperature","alert_code":"temp_high","title":"hot","message":"<blink>","trigger_value":46.1,"threshold_value":45,"unit":"°C","status":"active","first_occurrence":"2026-03-12T15:00:00Z"}
{"battery":"b-two","severity":"critical","category":"voltage","alert_code":"cell-high","title":"t","message":"t","trigger_value":3.7,"current_value":3.3,"threshold_value":3.65,"unit":"V","status":"resolved","first_occurrence":"2026-03-12T10:00:00Z","resolved_at":"2026-03-12T11:00:00Z"}
{"battery":"c-zeta","severity":"emergency","category":"voltage","alert_code":"canary","title":"CANARY alert","message":"CANARY message","status":"active","first_occurrence":"2026-03-12T15:00:00Z"}
X
for b in b-one b-two c-zeta d-none; do
	printf '{"device":"%s","profile":"p","address":"tcp://127.0.0.1:1",' $b
	printf '"interval_ms":60000,"battery":"%s"}\n' $b
done | put devices

# Two days by the minute: 51.2 V; +10 A all 11 March (New York time), -5 A
# after it; the charge is a saw. Cell 7 is 30 mV low, cell 3 12 mV high.
cat >lines.py <<'X'
import json
from datetime import datetime, timedelta, timezone
t = datetime(2026, 3, 10, 16, 30, tzinfo=timezone.utc)
end = datetime(2026, 3, 12, 16, 30, tzinfo=timezone.utc)
first = datetime(2026, 3, 11, 4, tzinfo=timezone.utc)   # local midnight
last = datetime(2026, 3, 12, 4, tzinfo=timezone.utc)
n = 0
while t <= end:
    amp = 10 if first <= t < last else -5
    cells = [3.2] * 16
    cells[6], cells[2] = 3.170, 3.212
    for b in ('b-one', 'b-two', 'c-zeta'):
        k = 100 if b == 'c-zeta' else 1
        print(json.dumps(dict(kind='battery',
            time=t.strftime('%Y-%m-%dT%H:%M:%S.000Z'), tenant='acme',
            device=b, profile='p', battery=b, pack_voltage=51.2,
            pack_current=amp * k, cell_voltages=cells,
            temperatures=[21.5, -3.26, 30], soc_percent=40 + n % 20,
            soh_percent=97.5, charge_cycles=1234,
            **({'fault_codes': ['F<i>7'] if 60 <= n < 90 else []}
               if b == 'b-one' else {}),
            **({'warning_codes': ['W8', 'cell_voltage_high']} if b == 'b-one' and n == 99 else {}),
            data_quality='good')))
    t += timedelta(minutes=1)
    n += 1
X
python3 lines.py >lines || exit 1
tenant-db append --tenant acme <lines >/dev/null || exit 1
tenant-db correct --tenant acme --battery b-one --measurement soc_percent \
    --time 2026-03-10T16:35:00Z --value 47.5 --reason 'read <there>' \
    >/dev/null || exit 1
tenant-db annul --tenant acme --battery b-one --measurement temperatures \
    --item 3 --from 2026-03-10T16:40:00Z --to 2026-03-10T17:00:00Z \
    --reason 'loose' >/dev/null || exit 1
rollup --tenant acme >/dev/null || exit 1

status 0 'it runs' dashboard --now $NOW --tenant acme

cat >check.py <<'X'
import json, os, re, sys
from html.parser import HTMLParser
root = sys.argv[1]
VOID = {'meta', 'link', 'input', 'br', 'hr', 'img', 'base'}
bad = []
class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.open, self.ids, self.text = path, [], set(), []
        self.policy = self.lang = None
        self.data, self.why = [], []
    def say(self, what): bad.append('%s:%d: %s' % (self.path, self.getpos()[0], what))
    def handle_starttag(self, tag, attrs, closed=False):
        a = dict(attrs)
        if len(a) != len(attrs): self.say('attribute twice in ' + tag)
        if tag == 'html': self.lang = a.get('lang')
        if tag in ('style', 'iframe', 'object', 'embed', 'base', 'img', 'blink', 'tight', 'b' if 'b' in a else 'u'): self.say('element ' + tag)
        if tag == 'script' and not a.get('src'): self.say('inline script')
        if tag == 'meta' and a.get('http-equiv') == 'Content-Security-Policy': self.policy = a['content']
        if tag == 'data': self.data.append(a['value'])
        for k, v in attrs:
            if k == 'style' or k.startswith('on'): self.say('attribute ' + k)
            if k in ('href', 'src', 'data-src') or (k == 'action' and tag == 'form'): self.link(tag, v or '')
            if k == 'id':
                if v in self.ids: self.say('id twice: ' + v)
                self.ids.add(v)
        if tag not in VOID and not closed: self.open.append(tag)
    def handle_startendtag(self, tag, attrs): self.handle_starttag(tag, attrs, True)
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag: self.say('</%s>' % tag)
    def handle_data(self, data): self.text.append(data)
    def link(self, tag, url):
        if url.endswith('../../-/logout') and tag == 'form': return
        if re.match(r'[a-z]+:|//|/', url): return self.say('not relative: ' + url)
        path = url.split('#')[0].split('?')[0]
        if path and not os.path.isfile(os.path.join(os.path.dirname(self.path), path)): self.say('no such file: ' + url)
        if path == '' and url.startswith('#') and tag == 'a': self.wanted = getattr(self, 'wanted', []) + [url[1:]]
pages = {}
for d, _, files in os.walk(root):
    for f in files:
        p = os.path.join(d, f)
        if f.endswith('.json'): json.load(open(p))
        if not f.endswith('.html'): continue
        page = Page(p); page.feed(open(p, encoding='utf-8').read()); page.close()
        if page.open: bad.append('%s: not closed: %s' % (p, page.open))
        for w in getattr(page, 'wanted', []):
            if w not in page.ids: bad.append('%s: no id %s' % (p, w))
        if page.policy is None or "default-src 'none'" not in page.policy or 'unsafe' in page.policy: bad.append(p + ': no policy')
        pages[os.path.relpath(p, root)] = page
print('\n'.join(bad[:20]) if bad else 'fine %s' % ('many' if len(pages) > 20 else len(pages)))
X
is "$(python3 check.py "$site/all")" 'fine many' \
    'view of all: well-formed, no inline code, all links lead to files'
is "$(python3 check.py "$site/north")" 'fine many' 'view of some: the same'

# text PAGE: its text with entities resolved, as a reader has it
cat >text.py <<'X'
import re, sys
from html.parser import HTMLParser
class T(HTMLParser):
    out = ''
    def handle_data(self, d): self.out += d
    def handle_starttag(self, t, a): self.out += ' '
p = T(); p.feed(open(sys.argv[1], encoding='utf-8').read())
print(re.sub(r'\s+', ' ', p.out.replace('\u00a0', ' ').replace('\u202f', ' ')))
X
text() { python3 text.py "$1"; }
has() {
	case $1 in
	*"$2"*) ok 0 "$3" ;;
	*) ok 1 "$3"; printf '# not found: %s\n' "$2" ;;
	esac
}

one=$(text "$site/all/fr/batteries/b-one.html")
has "$one" "<img src=x onerror=alert(1)>\"'& end" 'a hostile name is text'
has "$one" '</main><script>alert(2)</script>' 'hostile notes are text'
has "$one" '<svg/onload=alert(3)>' 'a hostile custom field is text'
has "$one" 'Projet <u>' 'so is its label'
has "$one" 'javascript:alert(4)' 'what is no web address is text'
has "$(text "$site/all/fr/index.html")" 'Acme <b>&"Co"' 'so is the customer'
is "$(grep -rlE '<(img|b|u|i|blink|svg/)[ />]|onerror=alert\(1\)>"' \
    --include='*.html' "$site")" '' 'nothing of it is markup'
is "$(jq -r '.rows[] | select(.[0] == "b-one") | .[1] | length' \
    "$site/all/data/list.json")" 35 'the index has the whole name'
is "$(grep -c '<img\|'"$(printf '\342\200\250')" \
    "$site/all/data/list.json")" 0 'without < and U+2028 as they are'
is "$(python3 -c 'import csv, sys
print([r["internal_id"] for r in csv.DictReader(open(sys.argv[1],
    encoding="utf-8-sig"), delimiter=";") if r["id"] == "b-one"][0])' \
    "$site/all/data/list.csv")" "'=1+1" 'CSV is read back'
is "$(jq -r .name "$site/all/manifest.webmanifest")" 'Acme <b>&"Co"' \
    'the manifest is JSON'

# values: -5 A at 51.2 V; minute 2880 of the saw
has "$one" '40,0 %' 'charge, in French'
has "$one" '−256 W' 'power'
has "$one" '−5,0 A' 'current'
has "$one" '51,20 V' 'voltage'
has "$one" '97,5 %' 'health'
has "$one" '1 234' 'cycles, with the language'\''s space'
has "$one" 'cellule 7, −30 mV' 'the weakest cell'
has "$one" 'cellule 3, +12 mV' 'the strongest cell'
has "$one" '42 mV' 'the spread'
has "$one" '−3,3 °C sonde 2' 'the coldest sensor'
has "$one" 'HAE (UTC−4)' 'the zone, in summer time'
has "$one" '12 mars, 12:30' 'the time of the newest reading, local'
# 512 W over the day of 24 h that ended: 12.288 kWh in, of which the last
# minute goes from + to -, so a hundredth less
has "$one" '11 mars 12,3 0,0 40 – 59' 'the day in the history'
# shellcheck disable=SC1112 # as the page has it
has "$one" 'F<i>7 jusqu’au 10 mars, 14:00' 'a fault with its end'
has "$one" 'soc_percent corrigée : 47.5 read <there>' 'what was corrected'
# shellcheck disable=SC1112 # as the page has it
has "$one" 'temperatures 3 annulée jusqu’au 10 mars, 12:59 loose' \
    'what was annulled'
has "$one" 'W8 toujours présent' 'a warning that lasts'
has "$one" 'Cellule trop haute cell_voltage_high toujours présent' \
    'a code that has words'
en=$(text "$site/all/en/batteries/b-one.html")
has "$en" '40.0 %' 'charge, in English'
has "$en" '1,234' 'cycles in English'
has "$en" 'Mar 11 12.3 0.0 40 – 59' 'the day in English'
has "$en" 'EDT (UTC−4)' 'the zone in English'
is "$(jq -c '[.p[286], .soc[286], .v[286], .step, (.p | length)]' \
    "$site/all/data/b/b-one/24h.json")" '[-256,57,51.2,300,288]' \
    'the last day in buckets'
is "$(jq -c '[.day.start[1], .day.ein[1], .day.smin[1], .day.smax[1],
    .day.cov[1]]' "$site/all/data/b/b-one/history.json")" \
    '["2026-03-11",12.28,40,59,1]' 'history as data'
has "$(cat "$site/all/data/b/b-one/day.csv")" \
    '2026-03-11T00:00:00-04:00,2026-03-11T04:00:00.000Z,12.2' 'days as CSV'
two=$(text "$site/all/fr/batteries/b-two.html")
has "$two" 'À surveiller : Température trop haute : 46,1 °C, limite 45 °C' \
    'an alert says what is wrong'
has "$(text "$site/all/fr/alerts.html")" '<blink>' 'its message is text'
has "$two" 'Cellule trop haute : 3,7 V, limite 3,65 V Résolue' \
    'one that is over, by what began it'
has "$two" 'Retour à la normale : Cellule trop haute' 'and its end'
none=$(text "$site/all/fr/batteries/d-none.html")
has "$none" 'aucune mesure reçue' 'a battery that was never heard'
like "$none" 'Pas encore d.{1,3}historique' 'has no history'
home=$(text "$site/all/fr/index.html")
has "$home" '1 batterie sur 4 est en ordre.' 'the fleet in a sentence'
has "$home" '1 en défaut, 1 à surveiller, 1 silencieuse.' 'and the others'
has "$home" '−26,1 kW' 'power of all but the silent'
has "$(text "$site/all/en/index.html")" '1 of 4 batteries is fine.' \
    'in English'

# T8: the other view holds nothing of what it may not see
is "$(grep -rlE 'CANARY|c-zeta|canary|types/big|t-big|south' "$site/north" |
    grep -v /assets/)" '' 'nothing of a battery outside the view'
north=$(text "$site/north/fr/index.html")
has "$north" '1 batterie sur 3 est en ordre.' 'counts of the view alone'
has "$north" '−512 W' 'and sums'
is "$(jq -c '[.rows[][0]]' "$site/north/data/list.json")" \
    '["b-two","d-none","b-one"]' 'and the index'
has "$(grep -rlc CANARY "$site/all")" c-zeta 'while the other has it'

# a second run changes nothing, not even a time of change
list() { (cd "$site" && find . -type f -exec ls -i --full-time {} + | sort); }
list >before
status 0 'a second run' dashboard --now $NOW --tenant acme
list >after
same after before 'changes no file'

# one battery alone
rm "$site/all/fr/batteries/b-one.html" "$site/all/fr/batteries/b-two.html"
status 0 'one battery' dashboard --now $NOW --tenant acme --battery b-one
is "$(cd "$site/all/fr/batteries" && ls)" 'b-one.html
c-zeta.html
d-none.html
index.html' 'writes it alone'

# what leaves a view leaves no page
mkdir -p "$site/north/data/live"
echo '{}' >"$site/north/data/live/b-two.json"
echo '{}' >"$site/north/data/live/b-one.json"
echo '{"slug":"north","selection":{"batteries":["b-one"]}}' | put views
status 0 'a narrower view' dashboard --now $NOW --tenant acme
is "$(cd "$site/north" && find . -name '*b-two*' -o -name '*d-none*')" '' \
    'removes the pages and live files of what left it'
is "$(cd "$site/north" && find . -name '*b-one*' | sort)" './data/b/b-one
./data/live/b-one.json
./en/batteries/b-one.html
./fr/batteries/b-one.html' 'and keeps the rest'

# a selection that is not understood is never wider
sqlite3 "$TBMS_ROOT/tenants/acme/tenant.db" "UPDATE views SET selection =
    '{\"battery\":[\"b-one\"]}' WHERE slug = 'north'"
status 2 'an unknown member of a selection' \
    dashboard --now $NOW --tenant acme
like "$(cat "$T/err")" 'view north.*battery' 'is named'
echo '{"slug":"north","selection":{"batteries":["no-such"]}}' | put views
status 0 'a selection of nothing' dashboard --now $NOW --tenant acme
has "$(text "$site/north/fr/index.html")" 'Pas encore de batterie.' \
    'is an empty site'
is "$(python3 check.py "$site/north")" 'fine 17' 'which is well-formed'

# T2: another tenant's files are not opened, nor the web's accounts
tenant-db create --tenant beta --max-devices 0 --language en || exit 1
: >"$TBMS_ROOT/access.db"
if strace -f -qq -e trace=file -o trace \
    dashboard --now $NOW --tenant acme 2>/dev/null; then
	is "$(grep -v -e ENOENT -e EACCES trace | grep -oE \
	    "$TBMS_ROOT/(tenants/beta|site/beta|access|core)[^\"]*")" '' \
	    'nothing of another tenant is opened'
	like "$(grep -c "tenants/acme/tenant.db" trace)" '^[1-9]' \
	    'while its own is'
else
	skip 'strace does not work here' 'nothing of another tenant is opened'
fi
status 0 'all tenants' dashboard --now $NOW --all
ok "$(test -f "$TBMS_ROOT/site/beta/all/en/index.html"; echo $?)" \
    'each has its site'

# a list of more than a hundred
put_fleet beta 48 15 "$(seq 100 304)"
status 0 'a long list' dashboard --now $NOW --tenant beta
is "$(cd "$TBMS_ROOT/site/beta/all/en/batteries" &&
    grep -o '<tr class' index.html index-2.html index-3.html | uniq -c |
    tr -s ' ')" ' 100 index.html:<tr class
 100 index-2.html:<tr class
 5 index-3.html:<tr class' 'is in pages of a hundred'
is "$(python3 check.py "$TBMS_ROOT/site/beta/all")" 'fine many' \
    'with links between them'

# a damaged database leads nowhere
sqlite3 "$TBMS_ROOT/tenants/beta/tenant.db" "PRAGMA ignore_check_constraints = 1;
    UPDATE batteries SET slug = '../../x' WHERE slug = 'b-100'"
status 2 'a slug that would be a path' dashboard --now $NOW --tenant beta
like "$(cat "$T/err")" 'battery ../../x' 'is named'

# words: the same keys and holes in all languages, and all that is asked for
is "$(python3 - "$TBMS_SHARE/i18n" "$TOP" <<'X'
import glob, json, re, sys
W = {l: json.load(open('%s/%s.json' % (sys.argv[1], l))) for l in ('fr', 'en', 'es', 'pt')}
fr, bad = W['fr'], set()
for l, w in W.items():
    bad |= {l + ':' + k for k in set(fr) ^ set(w)}
    bad |= {l + ':' + k for k in fr if sorted(re.findall(r'\{\w+\}', fr[k])) != sorted(re.findall(r'\{\w+\}', w.get(k, '')))}
bad |= {'script:' + k for k in json.load(open(sys.argv[1] + '/script.json')) if k not in fr}
for f in glob.glob(sys.argv[2] + '/bin/dashboard/*.c'):
    for k in re.findall(r'(?:word|fill|put_before|put_after)\(page,\s+"([\w.]+)"', open(f).read()):
        if k not in fr: bad.add('%s:%s' % (f, k))
print(' '.join(sorted(bad)))
X
)" '' 'all words are there in all languages'

status 2 'no tenant' dashboard --now $NOW
status 2 'an unknown language' dashboard --lang xx --tenant acme
status 2 'a bad time' dashboard --now yesterday --tenant acme
status 2 'an unknown view' dashboard --view nope --tenant acme
status 0 'help' dashboard -h
done_testing
