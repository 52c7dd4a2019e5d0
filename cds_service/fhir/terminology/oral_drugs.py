"""Drugs outside the pump that change what is safe, by the names that stand in records.

No code of theirs was verified, so none is read; a site adds its own to the value set
`cns-depressants`. Opioids, benzodiazepines and sedating antihistamines: US drug label of
intrathecal baclofen. Gabapentinoids, hypnotics and barbiturates: policy.
"""

import re
from collections.abc import Iterator

from cds_service.therapy.record import DrugClass

_DEPRESSANTS = re.compile(
    # opioids
    r"\bmor(?:ph|f)in\w*|\b(?:hydro|hidro|oxy)mor(?:ph|f)on\w*|\box[yi]codon\w*"
    r"|\b(?:hydro|hidro|dihydro)[ck]od(?:on|ein|ein[ae])\w*|\b(?:su|al|remi)?fentan[iy]l\w*"
    r"|\bmethadon\w*|\bmetadona\b|\b(?:levo)?methadon\w*|\btramadol\w*|\btapentadol\w*"
    r"|\b[ck]od[eé][ií]n\w*|\bbuprenor(?:ph|f)in\w*|\b(?:meperidin|pethidin|petidin)\w*"
    r"|\blevorphanol\w*|\btilidin\w*|\bpiritramid\w*"
    # benzodiazepines and other hypnotics
    r"|\b\w{0,8}azepam\w*|\b(?:alpra|tria|bro|mida|eti)zolam\w*|\bchlordiazepoxid\w*|\bclobazam\w*"
    r"|\bzolpidem\w*|\b(?:es)?zopiclon\w*|\bzaleplon\w*"
    # barbiturates
    r"|\bphenobarbital\w*|\bfenobarbital\w*|\bbutalbital\w*|\bprimidon\w*"
    # sedating antihistamines
    r"|\b(?:diphenhydramin|difenhidramin)\w*|\b(?:hydroxyzin|hidroxi[zc]in)\w*"
    r"|\b(?:promethazin|prometa[zc]in)\w*|\bdoxylamin\w*|\bchlorphen(?:ir)?amin\w*"
    # gabapentinoids
    r"|\bgabapentin\w*|\bpregabalin\w*"
    r"|\bCNS depressant",
    re.I,
)
_ANTISPASTICS = re.compile(r"\btizanidin\w*|\bdantrolen\w*|\bdiazepam\w*", re.I)


def classes_in_words(text: str) -> Iterator[tuple[DrugClass, str]]:
    """The classes of the drugs that a text names, each with the first name that shows it."""
    antispastic = _ANTISPASTICS.search(text)
    if antispastic:
        yield DrugClass.ORAL_ANTISPASTIC, antispastic[0].lower()
    depressant = _DEPRESSANTS.search(text)
    if depressant:
        yield DrugClass.CNS_DEPRESSANT, depressant[0].lower()
