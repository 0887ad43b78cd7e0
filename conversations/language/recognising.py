"""Which language a text is in, where that is plain to tell: by its small words, or by its script.

Also languages that nothing here speaks are told, so that it can be said that a text is not in one that is.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from conversations.language.glossing import count_telling

_SMALL: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        language: frozenset(words.split())
        for language, words in {
            "it": "il lo gli di del della dei delle che è sono non per con una questo questa anche come più ho hai "
            "abbiamo avete nel nella alla ai mi ti ci si ma se quanto quale costa vorrei cerco posso grazie ciao",
            "pt": "o os um uma uns umas do da dos das no na nos nas ao que não é são com para por mais você isto este "
            "esta eu meu minha tem temos posso quero quanto custa obrigado obrigada olá até também muito sem",
            "nl": "de het een van en in is dat niet op te voor met zijn er aan ook als maar om bij nog naar dan wij ik "
            "je jij u heb heeft hebben kan kunnen wat deze dit welke graag hoeveel kost zoek dank",
            "sv": "och att det som en på är av för med till den har inte om ett men vi jag du kan så från vad kostar "
            "hej tack letar efter finns vill gärna eller hur mycket denna detta",
            "da": "og at det som en på er af til for med den har ikke om et men vi jeg du kan så fra hvad koster hej "
            "tak leder efter findes vil gerne eller hvor meget denne dette",
            "pl": "i w na z do się nie jest że to jak dla od po czy co ale za przez są ma mam jego ten ta te który "
            "która ile kosztuje szukam proszę dziękuję dzień dobry chcę może tylko",
            "cs": "a se na je že v s z do to jak pro od po ale by jsem jsou má mám ten ta který která kolik stojí "
            "hledám prosím děkuji dobrý den chci může jen není také",
            "tr": "ve bir bu da de için ile çok daha var mı mi mu ne kadar olan gibi ama ben sen siz biz değil "
            "istiyorum arıyorum lütfen teşekkürler merhaba fiyatı nasıl",
            "fi": "ja on ei se että en tai kun niin mutta olen ovat kuin myös voi jos minä sinä te me onko paljonko "
            "maksaa etsin kiitos hei tämä tuo",
            "ro": "și de la în cu pe nu este sunt un o că pentru din mai sau dar am ai are ce cât costă caut vreau "
            "mulțumesc bună acest această",
            "hu": "a az és hogy nem egy is van volt meg de csak mint vagy ez azt mennyibe kerül keresek kérem "
            "köszönöm szia jó napot szeretnék",
        }.items()
    }
)
"""Each language's commonest small words, for languages that no catalogue has."""
_SCRIPTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "CYRILLIC": frozenset({"ru", "uk", "bg", "sr", "mk", "be", "kk"}),
        "GREEK": frozenset({"el"}),
        "ARABIC": frozenset({"ar", "fa", "ur", "ps"}),
        "HEBREW": frozenset({"he", "yi"}),
        "DEVANAGARI": frozenset({"hi", "mr", "ne"}),
        "THAI": frozenset({"th"}),
        "HANGUL": frozenset({"ko"}),
        "HIRAGANA": frozenset({"ja"}),
        "KATAKANA": frozenset({"ja"}),
        "CJK": frozenset({"zh", "ja", "ko"}),
        "ARMENIAN": frozenset({"hy"}),
        "GEORGIAN": frozenset({"ka"}),
        "BENGALI": frozenset({"bn"}),
        "TAMIL": frozenset({"ta"}),
    }
)
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST = 3
"""So many small words tell a language, unless fewer are all there are."""
_LEAD = 2
_MOST_READ = 2000
_MOST_OF_IT = 0.6


def find_languages(text: str) -> frozenset[str]:
    """The language that the text is plainly in, or those that share its script; empty where it is not plain."""
    letters = [letter for letter in text[:_MOST_READ] if letter.isalpha()]
    if foreign := _find_script(letters):
        return _SCRIPTS[foreign]
    counts = _count(text[:_MOST_READ])
    best = max(counts, key=lambda language: counts[language])
    others = max(count for language, count in counts.items() if language != best)
    is_plain = counts[best] >= _FEWEST and counts[best] >= others + _LEAD
    return frozenset({best}) if is_plain else frozenset()


def is_outside(text: str, *, languages: tuple[str, ...]) -> bool:
    """Whether the text is plainly in none of the languages."""
    found = find_languages(text)
    return bool(found) and not found & set(languages)


def _find_script(letters: list[str]) -> str:
    """The script of most of the letters, where it is not the Latin one."""
    if not letters or all(letter < "\u0250" for letter in letters):
        return ""
    counts: dict[str, int] = {}
    for letter in letters:
        script = unicodedata.name(letter, "").partition(" ")[0]
        counts[script] = counts.get(script, 0) + 1
    # Japanese is written in three at once.
    kana = counts.get("HIRAGANA", 0) + counts.get("KATAKANA", 0)
    if kana and (kana + counts.get("CJK", 0)) >= len(letters) * _MOST_OF_IT:
        return "HIRAGANA"
    return next(
        (
            script
            for script, count in counts.items()
            if script in _SCRIPTS and count >= len(letters) * _MOST_OF_IT
        ),
        "",
    )


@lru_cache(maxsize=512)
def _count(text: str) -> Mapping[str, int]:
    words = [word.lower() for word in _WORD.findall(text)]
    other = {language: sum(word in small for word in words) for language, small in _SMALL.items()}
    return {**count_telling(text), **other}
