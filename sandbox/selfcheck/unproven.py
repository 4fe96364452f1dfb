"""The languages of the self-check."""

from dataclasses import replace

from guerdon.sandbox.engine.languages import InstalledLanguages, Language
from guerdon.sandbox.languages.language import Language as InstalledLanguage


class UnprovenLanguages(InstalledLanguages):
    """The host's languages without their self-tests: isolation is to be tried where those fail, too."""

    def __init__(self) -> None:
        super().__init__()
        self._unproven: dict[str, Language] = {}

    def find(self, name: str) -> Language:
        """Return the language of a name or alias.

        Raises:
            UnknownLanguage: there is none, or its toolchain is missing, with how to install it.
        """
        language = super().find(name)
        if language.name not in self._unproven and isinstance(language, InstalledLanguage):
            self._unproven[language.name] = replace(language, selftest=None)  # type: ignore[arg-type]
        return self._unproven.get(language.name, language)
