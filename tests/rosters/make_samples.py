#!/usr/bin/env python3
"""Writes the sample roster files: tests/rosters/* and tools/demo_school/*.

All people, addresses and numbers are made up: family names are invented words, addresses end in
.example, telephone numbers and citizen service numbers lie in ranges that are not given out. The
same script always writes the same bytes.

usage: make_samples.py                 write the files
       make_samples.py --check         exit 1 if a file differs from what would be written
       make_samples.py --validate XSD  check the clean roster against UWLR_Leerlinggegevens_v2p2.xsd
                                       (needs xmllint)
"""

import pathlib
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape

HERE = pathlib.Path(__file__).resolve().parent
DEMO = HERE.parent.parent / "tools" / "demo_school"
SCHOOL_YEAR = "2026-2027"
UWLR_NAMESPACE = "http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"

CLASSES = [("G12", "Groep 1/2", "C"), ("G5", "Groep 5", "5"), ("G8", "Groep 8", "8")]
PUPILS_PER_CLASS = 20

GIVEN_CHILD = """Noor Sem Lotte Finn Yara Daan Esmée Ilias Fenna Milan Zoë Levi Saar Adam Liv Jip
Amira Bram Évi Tygo Nora Kaan Roos Thijs Lina Boaz Maud Yusuf Isa Mees Sofie Noud Elif Stijn Jade
Bilal Fleur Hugo Naomi Sven Puck Emir Suze Ravi Hanna Olivier Kiki Djamil Veerle Teun Mila Noé
Anouk Ruben Selin Gijs Tess Ayoub Merel Floris""".split()
GIVEN_MOTHER = """Marit Samira Judith Ebru Lieke Nadia Wietske Anouar Esra Floor Hilde Chantal
Renée Sanne Meryem Petra Ilse Fatima Joke Dewi Karlijn Rachida Tineke Lisanne Ingrid Aylin Margot
Nienke Bianca Soraya""".split()
GIVEN_FATHER = """Jeroen Karim Wouter Mehmet Bas Rachid Sjoerd Patrick Hamza Joost André Dennis Ömer
Pieter Youssef Marnix Ferry Tarik Gerben Ivo Stefan Said Roel Maarten Kemal Niels Rob Driss Koen
Bart""".split()
# Invented; the second part is the prefix.
FAMILIES = [
    ("Zonnewoud", ""), ("Kersenlaan", "van"), ("Waterbrink", "ter"), ("Vlinderveld", "van 't"),
    ("Molenvoortse", "de"), ("Yıldızova", ""), ("Amrasidi", "el"), ("Papierenboot", ""),
    ("Öztunalar", ""), ("Regenstein", "van der"), ("Driewilgen", "van de"), ("Kwartelhof", ""),
    ("Adjeimans", ""), ("Lantaarnsma", ""), ("Bêlgraven", "van"), ("Tjilpstra", ""),
    ("Bouchariti", ""), ("Wolkenaer", "de"), ("Sneeuwklok", ""), ("Hazeslinger", ""),
    ("Nguyenhof", ""), ("Zandloper", "op 't"), ("Fluitekruid", "van den"), ("Kadewippe", ""),
    ("Demirbahçe", ""), ("Vuurtorenaar", "de"), ("Ijsvogelaar", ""), ("Ramdinpersad", ""),
    ("Stroopwaaier", ""), ("Huizebuis", "ten"), ("Çelikdağlar", ""), ("Oeverloos", "van"),
    ("Pannenlap", ""), ("Rietzangers", "den"), ("Schaduwbos", ""), ("Tarwewind", "van der"),
    ("Uilenspieger", ""), ("Veerbootsma", ""), ("Wintertuin", "in de"), ("Xaverhove", "van"),
]


class Dice:
    """A generator of our own, so that the files do not depend on Python's version."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def ascii_of(text):
    plain = {"ë": "e", "é": "e", "É": "E", "ê": "e", "ö": "o", "Ö": "O", "ı": "i", "ğ": "g",
             "ç": "c", "Ç": "C"}
    return "".join(plain.get(c, c) for c in text).lower().replace("'", "").replace(" ", "")


def full_name(name):
    return " ".join(part for part in name if part)


def element(tag, text, indent):
    return f"{indent}<{tag}>{escape(text)}</{tag}>\n"


def name_elements(name, indent):
    given, prefix, family = name
    text = element("achternaam", family, indent)
    if prefix:
        text += element("voorvoegsel", prefix, indent)
    return text + element("roepnaam", given, indent)


class Guardian:
    def __init__(self, name, relation, authority, household, number, email=True):
        self.name = name
        self.relation = relation
        self.authority = authority
        self.household = household
        given, _, family = name
        self.email = f"{ascii_of(given)}.{ascii_of(family)}@ouders.example" if email else ""
        self.phones = [f"060000{number:04d}"]
        if number % 3 == 0:
            self.phones.append(f"020000{number:04d}")


def guardians_of(index, family, prefix):
    """Guardians of a family; the kinds of families that a school has all occur."""
    mother = (GIVEN_MOTHER[index % len(GIVEN_MOTHER)], prefix, family)
    # In some families the parents do not share a name.
    father_family, father_prefix = FAMILIES[(index * 7 + 3) % len(FAMILIES)]
    if index % 4 == 0:
        father = (GIVEN_FATHER[index % len(GIVEN_FATHER)], father_prefix, father_family)
    else:
        father = (GIVEN_FATHER[index % len(GIVEN_FATHER)], prefix, family)
    home = f"H{index + 1:02d}"
    two = [f"{home}a", f"{home}b"]
    number = index * 10
    if index == 2:  # a single parent
        return [Guardian(mother, "moeder", "ja", home, number)]
    if index in (4, 15, 26):  # two homes, both with authority
        return [Guardian(mother, "moeder", "ja", two[0], number),
                Guardian(father, "vader", "ja", two[1], number + 1)]
    if index == 7:  # two homes, one parent without authority
        return [Guardian(mother, "moeder", "ja", two[0], number),
                Guardian(father, "vader", "nee", two[1], number + 1)]
    if index == 10:  # two homes, and a step-parent who may be called
        step = ("Sander", "", "Pannenlap")
        return [Guardian(mother, "moeder", "ja", two[0], number),
                Guardian(father, "vader", "ja", two[1], number + 1),
                Guardian(step, "stiefouder", "nee", two[0], number + 2)]
    if index == 13:  # two mothers
        other = ("Jolijn", "", "Sneeuwklok")
        return [Guardian(mother, "moeder", "ja", home, number),
                Guardian(other, "moeder", "ja", home, number + 1)]
    if index == 17:  # a legal guardian and foster parents
        return [Guardian(("Irma", "", "Kadewippe"), "voogd", "ja", "", number),
                Guardian(mother, "pleegouder", "nee", home, number + 1),
                Guardian(father, "pleegouder", "nee", home, number + 2)]
    if index == 20:  # one has no address: invited by letter
        return [Guardian(mother, "moeder", "ja", home, number),
                Guardian(father, "vader", "ja", home, number + 1, email=False)]
    return [Guardian(mother, "moeder", "ja", home, number),
            Guardian(father, "vader", "ja", home, number + 1)]


def birth_day(class_index, place, dice):
    """School years run from October to September; the first class has two of them."""
    first_year = [2020 + place % 2, 2017, 2014][class_index]
    month = dice.below(12)
    year = first_year + (1 if month < 9 else 0)
    return f"{year}-{month + 1:02d}-{1 + dice.below(28):02d}"


def make_school():
    dice = Dice(2026)
    free = [PUPILS_PER_CLASS] * len(CLASSES)
    pupils, rows = [], []
    given = iter(GIVEN_CHILD)
    index = 0
    while sum(free):
        family, prefix = FAMILIES[index]
        guardians = guardians_of(index, family, prefix)
        children = 1 + (index % 3 != 0) + (index % 10 == 4)
        for child in range(children):
            open_classes = [c for c in range(len(CLASSES)) if free[c]]
            if not open_classes:
                break
            chosen = open_classes[(index + child) % len(open_classes)]
            free[chosen] -= 1
            key = f"L{1001 + len(pupils)}"
            pupils.append({
                "key": key, "name": (next(given), prefix, family), "class": chosen,
                "born": birth_day(chosen, len(pupils), dice)})
            rows += [(key, guardian) for guardian in guardians]
        index += 1
    return pupils, rows


STAFF = [
    # key, name, address, roles, links as (group, role)
    ("P01", ("Hanneke", "van", "Oeverloos"), "directie", ["DIR"], []),
    ("P02", ("Ferit", "", "Demirbahçe"), "adjunct", ["ADJ", "LRK"], [("G8", "LRK")]),
    ("P03", ("Gerda", "den", "Rietzangers"), "administratie", ["ADM"], []),
    ("P04", ("Marloes", "", "Schaduwbos"), "ib", ["IB"],
     [("G12", "IB"), ("G5", "IB"), ("G8", "IB")]),
    ("P05", ("Tjitske", "", "Veerbootsma"), "t.veerbootsma", ["LRK"], [("G12", "LRK")]),
    ("P06", ("Rayan", "", "Bouchariti"), "r.bouchariti", ["LRK"], [("G5", "LRK")]),
    ("P07", ("Willemijn", "in de", "Wintertuin"), "w.wintertuin", ["LRK"], [("G5", "LRK")]),
    ("P08", ("Cas", "", "Uilenspieger"), "c.uilenspieger", ["LRK"], [("G8", "LRK")]),
    ("P09", ("Renske", "van der", "Tarwewind"), "r.tarwewind", ["VAK"], []),
    ("P10", ("Aad", "", "Huizebuis"), "conciërge", ["CON"], []),
    ("P11", ("Sofia", "", "Pannenlap"), "s.pannenlap", ["OWA"], [("G12", "OWA")]),
]


def teacher_who_is_a_parent(rows):
    """The mother of household H06 also stands before the highest class."""
    return next(g for _, g in rows if g.household == "H06" and g.relation == "moeder")


def roster_body(pupils, parent):
    text = "  <school>\n"
    text += element("schooljaar", SCHOOL_YEAR, "    ")
    text += element("peildatum", "2026-10-01", "    ")
    text += element("brincode", "99ZZ", "    ")
    text += element("dependancecode", "00", "    ")
    text += element("aanmaakdatum", "2026-10-01T08:15:00", "    ")
    text += element("auteur", "Administratie van de voorbeeldschool", "    ")
    text += element("xsdversie", "2.1", "    ")
    text += "  </school>\n  <vestigingen>\n    <vestiging key=\"V1\">\n"
    text += element("naam", "Basisschool De Verzonnen Vaart", "      ")
    text += "    </vestiging>\n  </vestigingen>\n  <groepen>\n"
    for key, name, year in CLASSES:
        text += f'    <groep key="{key}">\n'
        text += element("naam", name, "      ") + element("jaargroep", year, "      ")
        text += "    </groep>\n"
    text += "  </groepen>\n  <leerlingen>\n"
    for pupil in pupils:
        key, _, year = CLASSES[pupil["class"]]
        if year == "C":
            year = "1" if pupil["born"] >= "2021-10" else "2"
        text += f'    <leerling key="{pupil["key"]}">\n'
        text += name_elements(pupil["name"], "      ")
        text += element("geboortedatum", pupil["born"], "      ")
        text += element("jaargroep", year, "      ")
        text += f'      <groep key="{key}"/>\n      <vestiging key="V1"/>\n    </leerling>\n'
    text += "  </leerlingen>\n  <leerkrachten>\n"
    staff = [(key, name, ascii_of(local) + "@verzonnenvaart.example", roles, links)
             for key, name, local, roles, links in STAFF]
    staff.append(("P12", parent.name, parent.email, ["LRK"], [("G8", "LRK")]))
    for key, name, email, roles, links in staff:
        text += f'    <leerkracht key="{key}">\n' + name_elements(name, "      ")
        text += element("emailadres", email, "      ")
        for role in roles:
            text += element("rol", role, "      ")
        if links:
            text += "      <groepen>\n"
            for group, role in links:
                text += f'        <groep key="{group}">\n'
                text += element("rol", role, "          ") + "        </groep>\n"
            text += "      </groepen>\n"
        text += "    </leerkracht>\n"
    return text + "  </leerkrachten>\n"


def guardian_csv(rows):
    text = ("leerling;voornaam;voorvoegsel;achternaam;email;relatie;gezag;huishouden;telefoon1;"
            "telefoon2;telefoon3\r\n")
    for key, guardian in rows:
        phones = (guardian.phones + ["", "", ""])[:3]
        text += ";".join([key, *guardian.name, guardian.email, guardian.relation,
                          guardian.authority, guardian.household, *phones]) + "\r\n"
    return text


DIRTY_PUPILS = [
    # key and what stands within the pupil's element; the file is written without indentation of
    # its own, as supplier's exports are
    ('key="2001" eckid="https://ketenid.example/201703/a1"',
     ["<u:achternaam>Zonnewoud</u:achternaam>", "<u:voorvoegsel/>", "<u:roepnaam>Lotte</u:roepnaam>",
      "<u:geboortedatum>2019-11-02</u:geboortedatum>", "<u:geslacht>2</u:geslacht>",
      '<u:groep key="3A"/>', "<u:etniciteit>0</u:etniciteit>", "<u:land>NL</u:land>",
      "<u:land_vader>NL</u:land_vader>", "<u:land_moeder>NL</u:land_moeder>",
      "<u:bsn>999990019</u:bsn>", "<u:gewicht>0.00</u:gewicht>"]),
    ('key="2002"',
     ["<u:roepnaam>Sem</u:roepnaam>", "<u:voorvoegsel></u:voorvoegsel>",
      "<u:achternaam>Kwartelhof</u:achternaam>", '<u:groep key="3A"/>',
      "<u:geboortedatum>2020-01-19</u:geboortedatum>", "<u:bsn>999990020</u:bsn>"]),
    ('key="2003"',
     ["<u:achternaam>Tjilpstra</u:achternaam>", "<u:roepnaam>Fenna</u:roepnaam>",
      "<u:geboortedatum>2020-05-30</u:geboortedatum>"]),
    ('key="2004"',
     ["<u:achternaam>Waterbrink</u:achternaam>", "<u:voorvoegsel>ter</u:voorvoegsel>",
      "<u:roepnaam>Ilias</u:roepnaam>", "<u:geboortedatum>2019-12-24</u:geboortedatum>",
      '<u:groep key="3C"/>']),
    ('key="2002"',
     ["<u:achternaam>Lantaarnsma</u:achternaam>", "<u:roepnaam>Yara</u:roepnaam>",
      "<u:geboortedatum>2020-02-11</u:geboortedatum>", '<u:groep key="4A"/>']),
    ('key="2006"',
     ["<u:achternaam>Hazeslinger</u:achternaam>", "<u:roepnaam>Daan</u:roepnaam>",
      "<u:geboortedatum>2018-02-30</u:geboortedatum>", '<u:groep key="4A"/>',
      '<u:samengestelde_groepen><u:samengestelde_groep key="PLUS"/></u:samengestelde_groepen>']),
    ('key="2007"',
     ["<u:achternaam>Bêlgraven</u:achternaam>", "<u:voorvoegsel>van</u:voorvoegsel>",
      "<u:roepnaam>Zoë</u:roepnaam>", "<u:geboortedatum>2062-07-01</u:geboortedatum>",
      '<u:groep key="4A"/>', '<u:samengestelde_groep key="PLUS"/>']),
    ('key="2008"', ["<u:geboortedatum>2018-08-08</u:geboortedatum>", '<u:groep key="4A"/>']),
    ('key=""',
     ["<u:achternaam>Pannenlap</u:achternaam>", "<u:roepnaam>Jip</u:roepnaam>",
      "<u:geboortedatum>2018-03-17</u:geboortedatum>", '<u:groep key="4A"/>']),
    ('eckid="https://ketenid.example/201703/b2"',
     ["<u:achternaam>Çelikdağlar</u:achternaam>", "<u:roepnaam>Elif</u:roepnaam>",
      "<u:geboortedatum>2018-04-04</u:geboortedatum>", '<u:groep key="4A"/>',
      "<u:leverancier_kleur>groen</u:leverancier_kleur>"]),
    ('key="2011"',
     ["<u:roepnaam>Noé</u:roepnaam>", "<u:geboortedatum>2018-06-21</u:geboortedatum>",
      '<u:groep key="4A"/>', "<u:uitstroomdatum>2026-10-30</u:uitstroomdatum>"]),
    ('key="2012"',
     ["<u:achternaam>Nguyenhof</u:achternaam>", "<u:roepnaam>Ravi</u:roepnaam>",
      "<u:geboortedatum>1900-01-01</u:geboortedatum>", '<u:groep key="4A"/>',
      '<u:samengestelde_groepen><u:samengestelde_groep key="WEG"/></u:samengestelde_groepen>',
      "<u:leverancier_kleur>rood</u:leverancier_kleur>"]),
    ('key="2013"',
     ["<u:roepnaam>Puck</u:roepnaam>", '<u:groep key="3A"/>',
      "<u:nationaliteit>Nederlandse</u:nationaliteit>"]),
]

DIRTY_STAFF = [
    ('key="p1"',
     ["<u:achternaam>Wolkenaer</u:achternaam>", "<u:voorvoegsel>de</u:voorvoegsel>",
      "<u:roepnaam>Margot</u:roepnaam>", "<u:emailadres>info@school.example</u:emailadres>",
      "<u:rol>DIR</u:rol>"]),
    ('key="p2"',
     ["<u:achternaam>Kadewippe</u:achternaam>", "<u:roepnaam>Roel</u:roepnaam>",
      "<u:emailadres>Info@School.example</u:emailadres>", "<u:rol>LRK</u:rol>",
      '<u:groepen><u:groep key="3A"/><u:groep key="9Z"/></u:groepen>']),
    ('key="p3"',
     ["<u:achternaam>Driewilgen</u:achternaam>", "<u:voorvoegsel>van de</u:voorvoegsel>",
      "<u:roepnaam>Ilse</u:roepnaam>", "<u:emailadres>email</u:emailadres>",
      '<u:groepen><u:groep key="4A"/></u:groepen>']),
    ('key="p4"',
     ["<u:achternaam>Stroopwaaier</u:achternaam>", "<u:roepnaam>Ben</u:roepnaam>",
      "<u:emailadres>ben(at)school</u:emailadres>", "<u:rol>TSO</u:rol>"]),
    ('key="p4"',
     ["<u:achternaam>Ramdinpersad</u:achternaam>", "<u:roepnaam>Shanti</u:roepnaam>",
      "<u:rol>IB</u:rol>"]),
]


def dirty_uwlr():
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope">',
        "<soap:Header/>",
        "<soap:Body>",
        f'<u:leerlinggegevens_antwoord xmlns:u="{UWLR_NAMESPACE}">',
        "<u:leerlinggegevens>",
        "<u:school><u:schooljaar>2026-2027</u:schooljaar><u:brincode>99ZZ</u:brincode>"
        "<u:dependancecode>01</u:dependancecode><u:aanmaakdatum>2026-11-20T16:02:11</u:aanmaakdatum>"
        "<u:auteur>Voorbeeldleverancier</u:auteur><u:xsdversie>2.3</u:xsdversie></u:school>",
        "<u:leerlingen>",
    ]
    for attributes, parts in DIRTY_PUPILS:
        lines += [f"<u:leerling {attributes}>", *parts, "</u:leerling>"]
    lines += [
        "</u:leerlingen>",
        "<u:groepen>",
        '<u:groep key="3A"><u:naam>Groep 3</u:naam><u:jaargroep>3</u:jaargroep></u:groep>',
        '<u:groep key="4A"><u:naam>Groep 4 &amp; 5</u:naam><u:jaargroep>C</u:jaargroep></u:groep>',
        '<u:groep key="3A"><u:naam>Groep 3 (oud)</u:naam><u:jaargroep>3</u:jaargroep></u:groep>',
        '<u:samengestelde_groep key="PLUS"><u:naam></u:naam></u:samengestelde_groep>',
        "</u:groepen>",
        "<u:leerkrachten>",
    ]
    for attributes, parts in DIRTY_STAFF:
        lines += [f"<u:leerkracht {attributes}>", *parts, "</u:leerkracht>"]
    lines += ["</u:leerkrachten>", "</u:leerlinggegevens>", "</u:leerlinggegevens_antwoord>",
              "</soap:Body>", "</soap:Envelope>", ""]
    return "\ufeff" + "\r\n".join(lines)


DIRTY_GUARDIANS = """Leerling,Naam,E-mail,Relatie,Gezag,Telefoon,Huisarts,BSN
2001,Marit Zonnewoud,thuis@ouders.example,moeder,ja,06-0000 0001,ja,999990019
2001,Jeroen Zonnewoud,thuis@ouders.example,vader,ja,0600000002,,
2002,"Kwartelhof, Judith",email,moeder,ja,geheim,,
2002,"Kwartelhof, Judith",email,moeder,ja,0600000004,,
2003,Wietske Tjilpstra,wietske@ouders.example,tante,weet niet,0600000005,,
,Sjoerd Tjilpstra,sjoerd@ouders.example,vader,ja,0600000006,,
2004,,karim@ouders.example,vader,ja,0600000007,,
2006,Bas Hazeslinger,bas@ouders.example
2007,Floor van Bêlgraven,floor@ouders.example,moeder,ja,0600000008,,,extra
9999,Rob Onbekendhuis,rob@ouders.example,vader,ja,0600000009,,
"""


def small_edexml(encoding):
    return (f'<?xml version="1.0" encoding="{encoding}"?>\n<EDEX>\n'
            "<school><schooljaar>2026-2027</schooljaar><brincode>99ZZ</brincode></school>\n"
            '<groepen><groep key="1"><naam>Groep één</naam><jaargroep>1</jaargroep></groep>'
            "</groepen>\n<leerlingen>\n"
            '<leerling key="3001"><achternaam>Bêlgraven</achternaam><roepnaam>Zoë</roepnaam>'
            '<geboortedatum>2021-04-01</geboortedatum><groep key="1"/></leerling>\n'
            '<leerling key="3002"><achternaam>Müllerhof</achternaam><roepnaam>Noé</roepnaam>'
            '<geboortedatum>2021-05-01</geboortedatum><groep key="1"/></leerling>\n'
            "</leerlingen>\n</EDEX>\n")


def billion_laughs():
    entities = '<!ENTITY a0 "lach">\n'
    for i in range(1, 10):
        entities += f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">\n'
    return ('<?xml version="1.0"?>\n<!DOCTYPE EDEX [\n' + entities + "]>\n"
            "<EDEX><leerlingen><leerling key=\"1\"><achternaam>&a9;</achternaam></leerling>"
            "</leerlingen></EDEX>\n")


EXTERNAL_ENTITY = """<?xml version="1.0"?>
<!DOCTYPE EDEX [<!ENTITY bestand SYSTEM "file:///etc/hostname">]>
<EDEX><leerlingen><leerling key="1"><achternaam>&bestand;</achternaam></leerling></leerlingen></EDEX>
"""


def all_files():
    pupils, rows = make_school()
    body = roster_body(pupils, teacher_who_is_a_parent(rows))
    clean = f'<?xml version="1.0" encoding="UTF-8"?>\n<EDEX>\n{body}</EDEX>\n'
    encoded = clean.encode()
    return {
        DEMO / "roster.xml": encoded,
        DEMO / "guardians.csv": guardian_csv(rows).encode(),
        HERE / "dirty_uwlr_2.3_soap.xml": dirty_uwlr().encode(),
        HERE / "dirty_guardians.csv": DIRTY_GUARDIANS.encode("cp1252"),
        HERE / "windows_1252.xml": small_edexml("windows-1252").encode("cp1252"),
        HERE / "windows_1252_undeclared.xml": small_edexml("UTF-8").encode("cp1252"),
        HERE / "utf_16.xml": small_edexml("UTF-16").encode("utf-16-le").join([b"\xff\xfe", b""]),
        HERE / "billion_laughs.xml": billion_laughs().encode(),
        HERE / "external_entity.xml": EXTERNAL_ENTITY.encode(),
        HERE / "truncated.xml": encoded[: encoded.index(b'"L1031"') + 70],
    }


def validate(schema):
    """The clean roster in UWLR's namespace. The published list of school years ends with 2024-2025,
    so the year alone is replaced; all else is checked as it is."""
    pupils, rows = make_school()
    body = roster_body(pupils, teacher_who_is_a_parent(rows))
    body = body.replace(SCHOOL_YEAR, "2024-2025")
    wrapped = f'<leerlinggegevens xmlns="{UWLR_NAMESPACE}">\n{body}</leerlinggegevens>\n'
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(wrapped.encode())
        file.flush()
        command = ["xmllint", "--noout", "--nonet", "--schema", schema, file.name]
        return subprocess.run(command, check=False).returncode


def main(arguments):
    if arguments[:1] == ["--validate"] and len(arguments) == 2:
        return validate(arguments[1])
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = 0
    for path, content in all_files().items():
        if not arguments:
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            print(f"{path} is not what make_samples.py writes", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
