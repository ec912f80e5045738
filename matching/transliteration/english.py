"""English letters to Arabic sounds by rule: how a reader of English would write a word that no list holds.

The rules are the common spelling-to-sound correspondences of English (magic e, soft c and g, -tion, silent
letters), each with the Arabic letters that newsrooms write for the sound. At each position the first rule that
fits decides; its alternatives carry weights.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from matching.transliteration.words import Scored

_BEAM = 60

# Latin piece; what must stand before; what must follow (regular expressions); alternatives with weights.
# C is a consonant letter, V a vowel letter, # the end of the word on that side, a hyphen no letter at all.
_RULES = """
e ; # ; [nmlxs]C|x ; ا .9 اي .1
e ; # ; ; ا .6 اي .4
oa ; # ; ; او 1
aw ; # ; ; او 1
mc ; # ; ; ماك .8 مك .2
micro ; ; ; مايكرو .65 ميكرو .35
bio ; # ; ; بايو .6 بيو .4
x ; # ; ; ز .6 اكس .4
ex ; # ; [aou] ; اكس .75 اكز .25
xc ; ; [ei] ; كس 1
ur ; # ; ; ار .7 اور .3
ur ; ; e# ; ور .5 يور .3 ير .2
ur ; ; ; ير .42 ور .33 ر .25
ion ; ; ; يون .9 ين .1
gion ; ; ; جن .7 جيون .3
all ; ; #|s# ; ول .65 ال .35
alk ; ; ; وك .45 الك .35 ولك .2
wa ; ; [tlrs] ; وا .55 وو .45
age ; C ; #|s#|d# ; يج .6 اج .3 ج .1
ative ; ; # ; اتيف .8 يتيف .2
ive ; C ; #|s# ; يف .75 ايف .25
ment ; ; #|s# ; منت .65 مينت .35
ent ; ; #|s# ; نت .5 ينت .5
ence ; ; # ; نس .55 ينس .45
able ; C ; # ; ابل .8 يبل .2
ness ; ; # ; نس .6 نيس .4
ies ; C ; # ; يز .8 يس .2
ture ; ; ; تشر .7 تشور .3
tu ; V|n ; r|al ; تش .5 تشو .3 تو .2
ual ; ; ; وال .8 يوال .2
ua ; ; ; وا .85 ا .15
cia ; ; ; شيا .5 سيا .4 شا .1
tia ; ; ; شيا .6 تيا .4
tie ; ; n ; شي .5 تي .5
cie ; ; n ; شي .5 سي .5
rh ; ; ; ر 1
the ; V ; r ; ذ .5 ث .5
sm ; V ; ; زم .5 سم .5
y ; ; er ; اي .8 ي .2
y ; #C ; C[aeiou] ; اي .65 ي .35
a ; #C|#CC ; C(er|or|y|en|ing|ed|able)s?# ; ي .6 ا .4
a ; ; tion|tor ; ي .65 ا .35
iz ; ; [ea] ; ايز .75 يز .25
eou ; ; ; يو 1
iou ; ; ; يو 1
some ; ; # ; سم .8 سوم .2
e ; C ; able|less|ly#|ment|ful|ness# ; - .85 ي .15
e ; ; re# ; ي 1
gue ; ; # ; غ .5 ج .4 ق .1
que ; ; # ; ك 1
o ; C ; m# ; و .6 - .4
our ; ; ; ور .65 اور .35
ea ; ; [dv] ; ي .6 - .4
ch ; ; e# ; ش .4 تش .35 ك .25
ome ; c ; # ; م .5 وم .5
gh ; ; t ; - 1
a ; # ; i[^#] ; ا .6 اي .4
ai ; # ; ; اي 1
au ; # ; ; او .8 ا .2
a ; # ; Ce#|C[aeiouy] ; ا .7 اي .3
a ; # ; ; ا 1
ea ; # ; ; اي .5 ا .5
ee ; # ; ; اي 1
ei ; # ; ; اي 1
eu ; # ; ; يو .8 او .2
i ; # ; Ce#|C[ao]# ; اي .7 ا .3
i ; # ; ; ا .85 اي .15
oo ; # ; ; او 1
ou ; # ; ; او 1
ow ; # ; ; او 1
o ; # ; ; او 1
uni ; # ; ; يوني 1
u ; # ; Ce|C[aiou] ; يو .7 او .3
u ; # ; ; ا .65 او .35
y ; # ; V ; ي 1
igh ; ; ; اي 1
eigh ; ; ; اي .6 ي .4
ough ; ; ; و .6 اف .4
augh ; ; ; اف .4 و .6
tion ; ; ; شن .75 شين .15 شون .1
ssion ; ; ; شن 1
sion ; V ; ; جن .6 شن .3 زن .1
sion ; ; ; شن .8 جن .2
cian ; ; ; شن 1
tial ; ; ; شال .6 شيال .4
cial ; ; ; شال 1
cious ; ; ; شس .5 شوس .5
sure ; ; # ; شور .5 جر .5
ology ; ; # ; ولوجي 1
ify ; ; # ; يفاي .75 فاي .25
ics ; ; # ; يكس 1
ous ; ; # ; وس .7 س .3
dge ; ; #|s#|d# ; دج .6 ج .4
dg ; ; e ; دج 1
tch ; ; ; تش 1
sch ; ; ; ش .6 سك .4
chr ; ; ; كر 1
ch ; ; V.*# ; تش .75 ك .15 ش .1
ch ; ; l|r ; ك .8 تش .2
ch ; ; ; تش .7 ك .2 ش .1
ck ; ; ; ك 1
cc ; ; [eiy] ; كس 1
cq ; ; ; ك 1
sc ; ; [eiy] ; س 1
c ; ; [eiy] ; س .95 ك .05
c ; ; ; ك 1
gh ; # ; ; غ .6 ج .4
gh ; ; ; - .6 غ .4
gn ; # ; ; ن 1
gu ; ; [eiy] ; ج .45 غ .4 ق .1 ك .05
gg ; ; [eiy] ; ج .5 غ .4 ق .1
gg ; ; ; غ .45 ج .43 ق .12
ge ; ; # ; ج .8 يج .2
g ; ; [eiy] ; ج .75 غ .2 ق .05
g ; ; ; غ .42 ج .42 ق .1 ك .06
kn ; # ; ; ن 1
wr ; # ; ; ر 1
ps ; # ; ; س .7 بس .3
pn ; # ; ; ن 1
mb ; ; # ; م .8 مب .2
mn ; ; # ; م 1
ph ; ; ; ف 1
th ; ; ; ث .65 ذ .15 ت .2
sh ; ; ; ش 1
wh ; ; ; و .9 ه .1
h ; ; # ; - .6 ه .4
h ; V ; C ; - .6 ه .4
h ; ; ; ه 1
qu ; ; ; كو .9 ك .1
q ; ; ; ك .7 ق .3
xx ; ; ; كس 1
x ; ; ; كس 1
zz ; ; ; ز .7 تز .3
z ; ; ; ز 1
ss ; ; ; س 1
s ; [^aeiouyptkfcsx] ; # ; ز .7 س .3
s ; V ; # ; س .65 ز .35
s ; [ptkfc] ; # ; س 1
s ; V ; V ; س .55 ز .45
s ; V ; e# ; ز .6 س .4
s ; ; ; س 1
j ; ; ; ج 1
v ; ; ; ف 1
w ; ; # ; و .6 - .4
wo ; ; ; وو .5 و .5
uw ; ; ; و .8 وو .2
wu ; ; ; وو .7 و .3
w ; ; ; و 1
p ; ; ; ب 1
ay ; ; ; اي .65 ي .35
ai ; ; ; ي .55 اي .45
a ; ; nge|ste ; ي .7 ا .3
a ; ; Ce#|Ces#|Cing#|Ced# ; ي .7 ا .15 اي .15
aw ; ; ; و 1
au ; ; ; و .8 او .2
a ; ; # ; ا 1
a ; ; [lrn]# ; ا .7 - .3
a ; ; ; ا .93 - .07
ee ; ; ; ي 1
eer ; ; # ; ير 1
ea ; ; d#|th|lth ; ي .5 - .5
ea ; ; ; ي .85 يا .15
ey ; ; # ; ي 1
ew ; ; ; يو .7 و .3
eau ; ; ; و 1
ei ; ; ; ي .5 اي .5
eu ; ; ; يو .7 و .3
eo ; ; ; يو 1
e ; C ; # ; - 1
e ; V ; # ; - 1
es ; [cgsxz] ; # ; يز .6 يس .2 ز .2
es ; C ; # ; ز .45 س .45 يس .1
e ; ; d# ; - .6 ي .4
er ; ; # ; ر .75 ير .25
e ; ; r ; ي .5 - .5
e ; ; [ln]# ; - .5 ي .5
e ; ; ; ي .58 - .42
ie ; ; # ; ي .9 اي .1
ie ; ; ; ي .8 اي .2
ia ; ; ; يا 1
io ; ; # ; يو 1
io ; ; ; يو 1
iu ; ; ; يو 1
i ; ; nd#|ld#|gn# ; اي .8 ي .2
i ; ; Ce#|Ces#|Cer#|Ced# ; اي .75 ي .25
i ; ; e# ; اي .7 ي .3
i ; # ; ; ا 1
i ; ; # ; ي .9 اي .1
i ; ; ; ي .85 - .1 اي .05
oa ; ; ; و 1
oo ; ; ; و 1
oy ; ; ; وي 1
oi ; ; ; وي 1
oe ; ; # ; و 1
ou ; ; s# ; و .6 - .4
ou ; ; ; او .6 و .4
ow ; ; [nl] ; او .65 و .35
ow ; ; # ; و .7 او .3
ow ; ; ; او .7 و .3
o ; [^#]C ; n# ; و .6 - .4
o ; ; ; و .93 ا .07
ui ; ; ; وي .5 و .5
ue ; ; # ; و .7 يو .3
u ; ; Ce# ; يو .45 و .55
u ; ; Ca|Ci|Co|Cu ; و .6 يو .4
u ; ; # ; و 1
u ; ; ; ا .45 و .35 - .2
y ; ; # ; ي .9 اي .1
y ; C ; C ; ي .65 اي .35
y ; V ; ; ي 1
y ; ; V ; ي 1
y ; ; ; ي .8 اي .2
l ; l ; ; - 1
"""


@dataclass(frozen=True, slots=True)
class _Rule:
    piece: str
    before: re.Pattern[str]
    after: re.Pattern[str]
    choices: tuple[tuple[str, float], ...]


def spell_english(word: str, *, limit: int) -> Scored:
    """Return folded spellings of a word of the letters a to z read as English, best first."""
    beams: list[dict[str, float]] = [{} for _ in range(len(word) + 1)]
    beams[0][""] = 1.0
    for position in range(len(word)):
        reached = sorted(beams[position].items(), key=lambda item: -item[1])[:_BEAM]
        size, choices = _choices(word, position)
        beam = beams[position + size]
        for spelling, score in reached:
            for arabic, weight in choices:
                longer = spelling + arabic
                beam[longer] = beam.get(longer, 0.0) + score * weight
    ranked = sorted(beams[-1].items(), key=lambda item: (-item[1], item[0]))
    return [(spelling, score) for spelling, score in ranked if spelling][:limit]


def _choices(word: str, position: int) -> tuple[int, tuple[tuple[str, float], ...]]:
    before, after = "#" + word[:position], word[position:] + "#"
    letter = word[position]
    if position and letter == word[position - 1] and letter not in "aeiouy":
        return 1, (("", 1.0),)
    for rule in _rules().get(letter, ()):
        size = len(rule.piece)
        if after.startswith(rule.piece) and rule.after.match(after, size) and rule.before.search(before):
            return size, rule.choices
    return 1, ((_PLAIN.get(letter, ""), 1.0),)


_PLAIN = dict(zip("bdfklmnrt", "بدفكلمنرت", strict=True))


@cache
def _rules() -> dict[str, list[_Rule]]:
    """Read the table; for one letter longer pieces come first, else the order of the table holds."""
    rules: dict[str, list[_Rule]] = {}
    for line in _RULES.strip().splitlines():
        piece, before, after, choices = (cell.strip() for cell in line.split(";"))
        rule = _Rule(
            piece,
            re.compile(f"(?:{_with_classes(before)})$"),
            re.compile(_with_classes(after)),
            _weighted(choices.split()),
        )
        rules.setdefault(piece[0], []).append(rule)
    return {letter: sorted(found, key=lambda rule: -len(rule.piece)) for letter, found in rules.items()}


def _with_classes(pattern: str) -> str:
    return pattern.replace("C", "[^aeiouy#]").replace("V", "[aeiouy]")


def _weighted(cells: list[str]) -> tuple[tuple[str, float], ...]:
    """Read `arabic weight arabic weight`; a hyphen stands for nothing."""
    return tuple(
        ("" if arabic == "-" else arabic, float(weight))
        for arabic, weight in zip(cells[::2], cells[1::2], strict=True)
    )
