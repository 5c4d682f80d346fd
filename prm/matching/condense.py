"""Make the word lists in `data` from public ones: `python -m prm.matching.condense FOLDER`.

One line per form, already in the spelling that `text.words` gives a name, so that matching is a set lookup.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

from .text import clean, fold, words

DATA = Path(__file__).parent / "data"
LEFT_OUT = {"SOE", "NGO", "FIN", "REL", "MIL"}  # institutions: the word is part of their name
_TWO_LETTERS = (
    "ag sa se nv bv ab as oy kg ug sl sc lp co kk gk ky hf eg ev ek og ou ad dd kd vs ks ry na sp cv lc pc bt sf gp ae oe yk ei"
    " kb hb sd"
)
TWO_LETTERS = set(_TWO_LETTERS.split())
_NOT_FORMS = (
    "cooperation;cooperative;partnerschaft;proprietary;association;public;partnership;foundation;charity;trust;sem;sep;dat;fop;etat;ent;"
    "pub;pro;private enterprise;unlimited;suc;sal;cos;pat;vat;kor;firma;negosyo;joint venture;co op;nauchnyy tsentr;detskiy sad;"
    "and company;and co"
)
NOT_FORMS = set(_NOT_FORMS.split(";"))
EXTRA = {
    "LLC": "limited;ltd;ltda;lmtd;limitd;llc;gmbh;mbh;pty ltd;pty limited;pty;pte ltd;pte;pvt ltd;private limited;pvt;"
    "sarl;srl;spzoo;sp z oo;sp zoo;sdn bhd;cong ty tnhh;cong ty;ooo;too;tov;sro;spol sro;doo;eood;ood;kft;oue;bvba;sprl;lda;"
    "sia;uab;aps;ehf;cty tnhh;lc;gesmbh;ges mbh;ltee;ltd co",
    "JSC": "inc;incorporated;incorporation;incoporated;corp;corporation;corporate;co;company;cos;plc;public limited company;"
    "public company limited;public co ltd;pcl;"
    "public ltd co;ag;sa;nv;spa;ab;asa;oyj;oy;aktiengesellschaft;"
    "aktiebolag;aktiebolaget;publ;kk;oao;zao;pao;ojsc;cjsc;pjsc;jsc;tbk;bhd;berhad;"
    "saa;sab;sab de cv;sa b de cv;sapi de cv;sa de cv;sociedad anonima;societe anonyme;zrt;nyrt;ad;dd;sicav;adr;adrs",
    "LP": "lp;llp;lllp;kg;gmbh co kg;gmbh co;ag co kg;co kg;cie;kgaa;scs;sca;limited partnership;limited liability partnership",
    "COOP": "eg;scrl;cvba;coop",
    "NGO": "ev;asbl;vzw;ry;eingetragener verein",
    "FIN": "na;national association",
}
EVERYDAY = 1000
# Meanings beyond the list, same shape.
EXTRA_MEANINGS = {
    "bank": "bank banco banque banca banka", "nrg": "energy energia energie energija energi",
    "ins": "insurance assurance assurances seguros versicherung",
    "min": "mining minera mineria miniere", "oil": "petroleum petroleo petrole",
    "elc": "electric electricidad electrique elektro",
    "tel": "telecom telecomunicaciones telecommunications telekom", "fin": "finance financiera finanz finanziaria financiere",
    "gas": "gas gaz", "pac": "pacific pacifico pacifique", "inv": "inversiones inversion inversoes",
    "nat": "national nacional nationale nazionale",
}  # fmt: skip


def _rigour(path: Path) -> list[tuple[str, str]]:
    """(generic, alias) pairs. A plain reader of the one shape this file has, so that no YAML library is needed."""
    pairs: list[tuple[str, str]] = []
    kind, in_aliases = "", False
    aliases: list[str] = []
    for line in [*path.read_text("utf-8").splitlines(), "  - end: x"]:
        if line.startswith("  - "):
            pairs += [(kind, alias) for alias in aliases]
            kind, aliases, in_aliases = "", [], False
            line = "    " + line[4:]
        if field := re.match(r"    (\w+): ?(.*)", line):
            in_aliases = field[1] == "aliases"
            value = field[2].split(" #")[0].strip().strip('"')
            kind = value if field[1] == "generic" else kind
            aliases += [value] if field[1] in ("display", "compare") and value else []
        elif in_aliases and (alias := re.match(r"      - (.*)", line)):
            aliases.append(alias[1].split(" #")[0].strip().strip("\"'"))
    return pairs


def _usable(form: str) -> bool:
    tokens = form.split()
    if not tokens or form in NOT_FORMS or not form[0].isalpha():
        return False
    return len(form) > 2 or form in TWO_LETTERS


def condense(folder: Path) -> dict[str, str]:
    """Form in plain words to its general class (LLC, JSC, LP, ... or a dash)."""
    pairs = [(kind, form) for kind, forms in EXTRA.items() for form in forms.split(";")]
    pairs += [(kind, alias) for kind, alias in _rigour(folder / "rigour_org_types.yml") if kind not in LEFT_OUT]
    with (folder / "dnb_legal_names.csv").open(encoding="utf-8") as handle:
        pairs += [("", form) for row in csv.DictReader(handle) for form in (row["abbreviation"], row["full_name"]) if form]
    forms: dict[str, str] = {}
    for kind, alias in pairs:
        cleaned = clean(alias)
        dense = any("\u3040" <= char <= "\ud7ff" for char in cleaned.text)
        form = cleaned.text.strip() if dense else " ".join(words(fold(cleaned.text)))
        if form and (dense or _usable(form)):
            forms[form] = forms.get(form) or kind or "-"
    return forms


def meanings(folder: Path) -> dict[str, str]:
    """Common company words in many languages to a sign for their meaning (inversiones and investments: inv)."""
    with (folder / "dnb_common_words.csv").open(encoding="utf-8") as handle:
        rows = [(" ".join(words(fold(row["word"]))), row["short_form"].strip("# ")) for row in csv.DictReader(handle)]
    rows += [(word, sign) for sign, forms in EXTRA_MEANINGS.items() for word in forms.split()]
    return {word: sign for word, sign in rows if word and sign and " " not in word and len(word) > 2 and sign != "tnc"}


def everyday() -> list[str]:
    """Words that are common in films and talk: `EVERYDAY` times or more in the lists of pyspellchecker (OpenSubtitles)."""
    from spellchecker import SpellChecker  # of the development requirements

    found = {
        word
        for language in ("en", "de", "es", "fr")
        for spelled, count in SpellChecker(language).word_frequency.dictionary.items()
        if count >= EVERYDAY and spelled.isascii()  # without accents they would be other words: über, Uber
        for word in words(fold(spelled))
        if len(word) > 2 and word.isalpha()
    }
    return sorted(found)


def main() -> None:
    """Write the files; prints nothing."""
    (DATA / "everyday_words.txt").write_text("\n".join(everyday()) + "\n", encoding="ascii")
    common = [f"{sign}\t{word}" for word, sign in sorted(meanings(Path(sys.argv[1])).items())]
    (DATA / "common_words.tsv").write_text("\n".join(common) + "\n", encoding="utf-8")
    lines = [f"{kind}\t{form}" for form, kind in sorted(condense(Path(sys.argv[1])).items())]
    (DATA / "legal_forms.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
