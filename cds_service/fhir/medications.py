"""Baclofen given into the pump: what makes a drug intrathecal baclofen, and its strength."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from cds_service.errors import UnitError
from cds_service.fhir.chart import exact
from cds_service.fhir.concepts import codes, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import (
    CodeableConcept,
    Contained,
    Ingredient,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    Quantity,
    Ratio,
)
from cds_service.fhir.terminology.drugs import (
    BACLOFEN_WORDS,
    INTRATHECAL_BACLOFEN,
    INTRATHECAL_BACLOFEN_MEDIUM,
    INTRATHECAL_ROUTES,
    INTRATHECAL_WORDS,
    ORAL_BACLOFEN,
    ORAL_WORDS,
    SCREENING_BACLOFEN,
    ndc_strength,
)
from cds_service.fhir.terminology.systems import NDC, Code
from cds_service.therapy import units
from cds_service.therapy.quantities import MicrogramsPerDay, MicrogramsPerMillilitre

_INTRATHECAL_PRODUCTS = INTRATHECAL_BACLOFEN | INTRATHECAL_BACLOFEN_MEDIUM
_FIGURE = r"(\d[\d.,'’ ]*)"
_MASS = r"\s*(mcg|ug|µg|μg|mg)"
_PER = r"\s*(?:/|per|pro|par|por|al)\s*"
_DAY = r"(?:day|d|24\s?h(?:r|ours)?|Tag|jour|j|d[ií]a|giorno|dag)"
_STRENGTH_WORDS = re.compile(rf"{_FIGURE}{_MASS}{_PER}{_FIGURE}?\s*mL\b", re.I)
_RATE_WORDS = re.compile(rf"{_FIGURE}{_MASS}{_PER}{_DAY}\b", re.I)
_NUMBERS = (
    (re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"), ","),
    (re.compile(r"\d{1,3}(?:[ '’]\d{3})+(?:\.\d+)?"), " '’"),
    (re.compile(r"\d+(?:\.\d{1,2}|\.\d{4,})?|0\.\d+"), ""),
)
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")


@dataclass(frozen=True, slots=True)
class Product:
    """A drug as a record names it: codes and words, and its ingredients with strengths."""

    concept: CodeableConcept | None
    words: str
    ingredients: tuple[Ingredient, ...]

    @property
    def is_named(self) -> bool:
        """False when the record gives neither code nor words."""
        return bool(self.words) or bool(codes(self.concept))

    @property
    def is_baclofen(self) -> bool:
        """True for baclofen by code or by words, oral or intrathecal."""
        coded = codes(self.concept)
        return not _INTRATHECAL_PRODUCTS.isdisjoint(coded) or bool(
            BACLOFEN_WORDS.search(self.words)
        )

    @property
    def is_intrathecal(self) -> bool:
        """True for products made for the intrathecal route, by code or by words."""
        coded = codes(self.concept)
        return not _INTRATHECAL_PRODUCTS.isdisjoint(coded) or bool(
            INTRATHECAL_WORDS.search(self.words)
        )

    @property
    def rests_on_medium_code(self) -> bool:
        """True when only a code of medium confidence says that this is intrathecal baclofen."""
        coded = codes(self.concept)
        return INTRATHECAL_BACLOFEN.isdisjoint(coded) and not BACLOFEN_WORDS.search(self.words)

    @property
    def is_oral(self) -> bool:
        """True for oral products by code."""
        return not ORAL_BACLOFEN.isdisjoint(codes(self.concept))

    @property
    def sounds_oral(self) -> bool:
        """True when words name the oral route, and no code says otherwise."""
        coded = codes(self.concept)
        return _INTRATHECAL_PRODUCTS.isdisjoint(coded) and bool(ORAL_WORDS.search(self.words))

    @property
    def is_for_screening(self) -> bool:
        """True for the 50 mcg/mL product of the screening test."""
        return not SCREENING_BACLOFEN.isdisjoint(codes(self.concept))


class Formulary:
    """The Medication resources that came with a search, to resolve references."""

    def __init__(self, source: Source[Any]) -> None:
        self._by_id = {
            found.id: found for found in source.resources if isinstance(found, Medication)
        }
        self._by_url = {
            url: found for url, found in source.urls.items() if isinstance(found, Medication)
        }

    def product(self, given: MedicationAdministration | MedicationRequest) -> Product:
        """The drug of an administration or prescription, its reference resolved where it can be."""
        concept = given.medicationCodeableConcept
        reference = given.medicationReference
        display = (reference.display or "") if reference else ""
        if reference is None or not reference.reference:
            told = _joined(words(concept), display)
            return Product(concept, told, _all_ingredients(given.contained))
        found = self._resolve(reference.reference, given.contained)
        if found is None:
            return Product(concept, _joined(words(concept), display), ())
        parts = [words(part.itemCodeableConcept) for part in found.ingredient]
        return Product(
            found.code, _joined(words(found.code), display, *parts), tuple(found.ingredient)
        )

    def _resolve(
        self, reference: str, contained: Iterable[Contained]
    ) -> Contained | Medication | None:
        if reference.startswith("#"):
            return next((part for part in contained if part.id == reference[1:]), None)
        by_url = self._by_url.get(reference)
        return by_url or self._by_id.get(
            reference.split("/_history/", maxsplit=1)[0].rsplit("/", 1)[-1]
        )


def is_intrathecal_route(route: CodeableConcept | None) -> bool:
    """True when the route is intrathecal by code or by words."""
    return route is not None and _is_intrathecal(words(route), tuple(codes(route)))


@lru_cache(maxsize=256)
def _is_intrathecal(told: str, coded: tuple[Code, ...]) -> bool:
    """Remembered: a hospital writes a few dozen routes, many thousand times."""
    return not INTRATHECAL_ROUTES.isdisjoint(coded) or bool(
        INTRATHECAL_WORDS.search(told) or told.strip() == "IT"
    )


def strength_of(product: Product) -> tuple[MicrogramsPerMillilitre | None, str]:
    """The concentration of the baclofen in a product, and the rung it came from.

    Raises UnitError when a strength is given that cannot be believed.
    """
    for ingredient in _baclofen_first(product.ingredients):
        if ingredient.strength is not None:
            return _per_millilitre(ingredient.strength), ""
    found = {
        MicrogramsPerMillilitre(_mass(told[1], told[2]) / number_in_words(told[3] or "1"))
        for told in _STRENGTH_WORDS.finditer(product.words)
    }
    if len(found) > 1:
        raise UnitError("the words name several strengths")
    if found:
        return found.pop(), "words of the product"
    strengths = {ndc_strength(code) for system, code in codes(product.concept) if system == NDC}
    known = [Decimal(strength) for strength in strengths if strength]
    return (MicrogramsPerMillilitre(known[0]), "product code") if len(known) == 1 else (None, "")


def rate_of(quantity: Quantity | None, ratio: Ratio | None) -> MicrogramsPerDay | None:
    """The daily dose from a rate, or None when none is given. Raises UnitError."""
    if quantity is not None and quantity.value is not None:
        return units.daily_dose(exact(quantity), quantity.unit, quantity.code)
    if ratio is None or ratio.numerator is None or ratio.denominator is None:
        return None
    mass = units.convert(
        exact(ratio.numerator), units.Kind.MASS, ratio.numerator.unit, ratio.numerator.code
    )
    days = units.convert(
        exact(ratio.denominator), units.Kind.TIME, ratio.denominator.unit, ratio.denominator.code
    )
    if not days:
        raise UnitError("a rate per no time cannot be right")
    return MicrogramsPerDay(mass / days).rounded()


def rate_in_words(text: str | None) -> MicrogramsPerDay | None:
    """The daily dose that a free text names, such as `347.2 mcg/day`, or None. Raises UnitError."""
    found = {
        MicrogramsPerDay(_mass(told[1], told[2])).rounded()
        for told in _RATE_WORDS.finditer(text or "")
    }
    if len(found) > 1:
        raise UnitError("the words name several daily doses")
    return found.pop() if found else None


def _per_millilitre(strength: Ratio) -> MicrogramsPerMillilitre:
    top, bottom = strength.numerator, strength.denominator
    if top is None or bottom is None:
        raise UnitError("the strength is not amount per volume")
    mass = units.convert(exact(top), units.Kind.MASS, top.unit, top.code)
    volume = units.convert(exact(bottom), units.Kind.VOLUME, bottom.unit, bottom.code)
    if not volume:
        raise UnitError("a strength per no volume cannot be right")
    return MicrogramsPerMillilitre(mass / volume)


def _baclofen_first(ingredients: tuple[Ingredient, ...]) -> list[Ingredient]:
    """The ingredients that are baclofen; all of them when none names itself."""
    named = [part for part in ingredients if BACLOFEN_WORDS.search(words(part.itemCodeableConcept))]
    return named or list(ingredients)


def _joined(*parts: str) -> str:
    return " / ".join(filter(None, parts))


def _all_ingredients(contained: Iterable[Contained]) -> tuple[Ingredient, ...]:
    return tuple(part for found in contained for part in found.ingredient)


def _mass(figure: str, unit: str) -> Decimal:
    return units.convert(number_in_words(figure), units.Kind.MASS, unit.lower(), None)


def number_in_words(figure: str) -> Decimal:
    """A number in free text: `2,000`, `1 200.5`, `0,5`. Raises UnitError for one that is unclear.

    `1.200` can be one thousand two hundred or one and a fifth, by country.
    """
    text = figure.strip(" ,.")
    for shape, separators in _NUMBERS:
        if shape.fullmatch(text):
            number = Decimal(text.translate({ord(mark): None for mark in separators}))
            break
    else:
        if not _DECIMAL_COMMA.fullmatch(text):
            raise UnitError(f"the number '{text[:16]}' can be read in several ways")
        number = Decimal(text.replace(",", "."))
    if not number:
        raise UnitError("a figure of nothing cannot be right")
    return number
