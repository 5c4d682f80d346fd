from prm.matching import condense, normalise_name
from prm.matching.features import everyday_words

YAML = """types:
  - display: GmbH
    generic: LLC
    aliases:
      - Gesellschaft mit beschränkter Haftung # German
      - 'G.m.b.H.'
  - generic: JSC
    aliases:
      - 株式会社
  - display: Bank
    generic: FIN
    aliases:
      - Commercial Bank
"""


def test_forms_come_in_the_spelling_of_names(tmp_path, monkeypatch):
    (tmp_path / "rigour_org_types.yml").write_text(YAML, encoding="utf-8")
    (tmp_path / "dnb_legal_names.csv").write_text("abbreviation,full_name\nsh.a.,shoqëri aksionare\n", encoding="utf-8")
    (tmp_path / "dnb_common_words.csv").write_text("word,short_form\nholding,#hld#\nwh,#tcn#\n", encoding="utf-8")
    forms = condense.condense(tmp_path)
    assert forms["gesellschaft mit beschrankter haftung"] == forms["gmbh"] == "LLC"
    assert forms["株式会社"] == "JSC"
    assert forms["shoqeri aksionare"] == "-"
    assert "commercial bank" not in forms
    assert condense.meanings(tmp_path)["holding"] == "hld"
    monkeypatch.setattr(condense, "DATA", tmp_path)
    monkeypatch.setattr("sys.argv", ["condense", str(tmp_path)])
    condense.main()
    assert "LLC\tgmbh" in (tmp_path / "legal_forms.tsv").read_text("utf-8")
    assert "hld\tholding" in (tmp_path / "common_words.tsv").read_text("utf-8")
    everyday = (tmp_path / "everyday_words.txt").read_text("ascii").split()
    assert {"pineapple", "target", "sonne", "naranja"} <= set(everyday)
    assert not {"uber", "costco", "ericsson"} & set(everyday)
    assert everyday == sorted(everyday_words())


SPELLINGS = [
    "Acme GmbH", "Acme Aktiengesellschaft", "Acme S.p.A.", "Acme Sp. z o.o.", "Acme s.r.o.", "Acme d.o.o.",
    "Acme Kft.", "Acme Oy", "Acme A/S", "Acme AB", "AB Acme", "Acme B.V.", "Acme N.V.", "Acme SARL",
    "Acme S.A. de C.V.", "Acme Ltda.", "Acme Pty Ltd", "Acme Pte. Ltd.", "Acme Sdn. Bhd.", "PT Acme Tbk", "OOO Acme",
    "Acme K.K.", "Acme Co., Ltd.", "Acme Private Limited", "Acme LLP", "Acme PLLC", "Acme JSC", "Acme UAB",
    "Acme SIA", "Acme OÜ", "Acme EOOD", "Acme Lda", "Acme ehf.", "Acme A.Ş.", "Công ty TNHH Acme",
    "Acme GmbH & Co. KG", "Acme Société Anonyme", "Acme Société à responsabilité limitée",
]  # fmt: skip


def test_forms_of_many_countries_are_known():
    assert {name: normalise_name(name).core for name in SPELLINGS if normalise_name(name).core != "acme"} == {}
