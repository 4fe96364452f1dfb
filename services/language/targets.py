"""The 176 languages that can be a target, their names and scripts, and which of them are not told apart.

Codes are the labels of fastText's lid.176. Some labels name one written language twice, or varieties that no
detector tells apart in a sentence; a target accepts those too (``_ACCEPTED_WITH``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

_NAMES = """af Afrikaans|als Alemannic|am Amharic|an Aragonese|ar Arabic|arz Egyptian Arabic|as Assamese
|ast Asturian|av Avar|az Azerbaijani|azb South Azerbaijani|ba Bashkir|bar Bavarian|bcl Central Bikol
|be Belarusian|bg Bulgarian|bh Bihari|bn Bengali|bo Tibetan|bpy Bishnupriya|br Breton|bs Bosnian|bxr Buryat
|ca Catalan|cbk Chavacano|ce Chechen|ceb Cebuano|ckb Central Kurdish|co Corsican|cs Czech|cv Chuvash|cy Welsh
|da Danish|de German|diq Zazaki|dsb Lower Sorbian|dty Doteli|dv Dhivehi|el Greek|eml Emilian-Romagnol
|en English|eo Esperanto|es Spanish|et Estonian|eu Basque|fa Persian|fi Finnish|fr French|frr North Frisian
|fy West Frisian|ga Irish|gd Scottish Gaelic|gl Galician|gn Guarani|gom Konkani|gu Gujarati|gv Manx|he Hebrew
|hi Hindi|hif Fiji Hindi|hr Croatian|hsb Upper Sorbian|ht Haitian Creole|hu Hungarian|hy Armenian
|ia Interlingua|id Indonesian|ie Interlingue|ilo Ilocano|io Ido|is Icelandic|it Italian|ja Japanese
|jbo Lojban|jv Javanese|ka Georgian|kk Kazakh|km Khmer|kn Kannada|ko Korean|krc Karachay-Balkar|ku Kurdish
|kv Komi|kw Cornish|ky Kyrgyz|la Latin|lb Luxembourgish|lez Lezgian|li Limburgish|lmo Lombard|lo Lao
|lrc Northern Luri|lt Lithuanian|lv Latvian|mai Maithili|mg Malagasy|mhr Meadow Mari|min Minangkabau
|mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|mrj Hill Mari|ms Malay|mt Maltese|mwl Mirandese
|my Burmese|myv Erzya|mzn Mazanderani|nah Nahuatl|nap Neapolitan|nds Low German|ne Nepali|new Newar|nl Dutch
|nn Norwegian Nynorsk|no Norwegian|oc Occitan|or Odia|os Ossetian|pa Punjabi|pam Kapampangan
|pfl Palatine German|pl Polish|pms Piedmontese|pnb Western Punjabi|ps Pashto|pt Portuguese|qu Quechua
|rm Romansh|ro Romanian|ru Russian|rue Rusyn|sa Sanskrit|sah Sakha|sc Sardinian|scn Sicilian|sco Scots
|sd Sindhi|sh Serbo-Croatian|si Sinhala|sk Slovak|sl Slovenian|so Somali|sq Albanian|sr Serbian|su Sundanese
|sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai|tk Turkmen|tl Tagalog|tr Turkish|tt Tatar
|tyv Tuvan|ug Uyghur|uk Ukrainian|ur Urdu|uz Uzbek|vec Venetian|vep Veps|vi Vietnamese|vls West Flemish
|vo Volapük|wa Walloon|war Waray|wuu Wu Chinese|xal Kalmyk|xmf Mingrelian|yi Yiddish|yo Yoruba|yue Cantonese
|zh Chinese"""

NAMES: Mapping[str, str] = {
    code: name for code, _, name in (entry.strip().partition(" ") for entry in _NAMES.split("|"))
}
"""English name of every language, by code."""

_SCRIPTS: Mapping[str, str] = {
    "Cyrl": "av ba be bg bxr ce cv kk krc kv ky lez mhr mk mn mrj myv os ru rue sah tg tt tyv uk xal",
    "Arab": "ar arz azb ckb fa lrc mzn pnb ps sd ug ur",
    "Deva": "bh dty gom hi mai mr ne new sa",
    "Beng": "as bn bpy",
    "Hebr": "he yi",
    "Geor": "ka xmf",
    "Hani": "wuu yue zh",
    "Hani Kana": "ja",
    "Hang": "ko",
    "Cyrl Latn": "sr",
    "Latn Cyrl": "bs sh uz",
    "Ethi": "am", "Tibt": "bo", "Thaa": "dv", "Grek": "el", "Gujr": "gu", "Armn": "hy", "Khmr": "km", "Knda": "kn",
    "Laoo": "lo", "Mlym": "ml", "Mymr": "my", "Orya": "or", "Guru": "pa", "Sinh": "si", "Taml": "ta", "Telu": "te",
    "Thai": "th",
}  # fmt: skip
_SCRIPTS_OF = {code: tuple(scripts.split()) for scripts, codes in _SCRIPTS.items() for code in codes.split()}

_ACCEPTED_WITH: Mapping[str, str] = {
    "zh": "yue wuu", "yue": "zh wuu", "wuu": "zh yue",
    "hr": "bs sh sr", "bs": "hr sh sr", "sr": "bs hr sh", "sh": "bs hr sr",
    "no": "nn", "nn": "no", "id": "ms min", "ms": "id min",
    "ar": "arz", "arz": "ar", "fa": "mzn lrc azb", "ur": "pnb",
    "hi": "bh mai", "mr": "gom", "ne": "dty", "bn": "bpy",
    "en": "sco", "es": "ast an", "pt": "mwl", "fr": "wa", "nl": "li vls", "de": "als bar pfl",
    "it": "co eml lmo nap pms sc scn vec", "uk": "rue", "ka": "xmf", "fi": "vep",
}  # fmt: skip
"""Varieties a target is not told apart from. A large language accepts the small ones that a detector confuses
with it in a short sentence; not the other way round, where that would give the target away."""

_ALIASES: Mapping[str, str] = {
    "zh-hans": "zh", "zh-hant": "zh", "cmn": "zh", "mandarin": "zh", "simplified chinese": "zh", "zho": "zh",
    "traditional chinese": "zh", "nb": "no", "norwegian bokmål": "no", "bokmål": "no", "nynorsk": "nn", "iw": "he",
    "in": "id", "ji": "yi", "fil": "tl", "filipino": "tl", "farsi": "fa", "bangla": "bn", "oriya": "or",
    "sorani": "ckb", "kurmanji": "ku", "castilian": "es", "flemish": "nl", "burmese": "my", "myanmar": "my",
    "valencian": "ca", "sinhalese": "si", "uighur": "ug", "moldovan": "ro", "mo": "ro", "yakut": "sah",
    "deu": "de", "ger": "de", "eng": "en", "fra": "fr", "fre": "fr",
    "spa": "es", "tur": "tr", "vie": "vi", "rus": "ru",
    "ukr": "uk", "jpn": "ja", "kor": "ko", "ara": "ar", "hin": "hi", "fas": "fa", "per": "fa", "ita": "it",
    "por": "pt", "pol": "pl", "nld": "nl", "dut": "nl", "ind": "id", "ces": "cs", "cze": "cs", "swe": "sv",
    "tha": "th", "ben": "bn", "tel": "te", "tam": "ta", "mar": "mr",
    "urd": "ur", "swa": "sw", "heb": "he", "ell": "el",
}  # fmt: skip
_BY_NAME = {name.casefold(): code for code, name in NAMES.items()}


class Target(NamedTuple):
    """A language that thoughts are to be in."""

    code: str
    """Its code."""
    name: str
    """Its English name."""
    scripts: tuple[str, ...]
    """Scripts it is written in, ISO 15924 codes, the usual one first."""
    accepted: frozenset[str]
    """Labels of the detector that count as this language, its own included."""


def scripts_of(code: str) -> tuple[str, ...]:
    """Scripts a language is written in, the usual one first."""
    return _SCRIPTS_OF.get(code, ("Latn",))


@lru_cache(maxsize=512)
def target_of(name: str) -> Target:
    """The target of a code, of a code with a region (``zh-CN``, ``en_US``) or of an English name.

    Raises:
        ValueError: no language is called so.
    """
    wanted = name.strip().casefold().replace("_", "-")
    code = next((code for code in _codes(wanted) if code in NAMES), None)
    if code is None:
        raise ValueError(
            f"{name!r} is none of the 176 languages that are told apart; give an ISO 639 code such as"
            " 'en', 'zh' or 'pt-BR', or an English name such as 'German'"
        )
    accepted = frozenset({code, *_ACCEPTED_WITH.get(code, "").split()})
    return Target(code, NAMES[code], scripts_of(code), accepted)


def _codes(wanted: str) -> tuple[str, ...]:
    language = wanted.partition("-")[0]
    return (
        wanted,
        _ALIASES.get(wanted, ""),
        _BY_NAME.get(wanted, ""),
        language if "-" in wanted else "",
        _ALIASES.get(language, "") if "-" in wanted else "",
    )
