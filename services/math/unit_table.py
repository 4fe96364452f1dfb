"""Units of measurement and money, by what they measure.

Factors are exact: the international yard and pound of 1959, the thermochemical calorie, the US gallon. Currencies
are quantities of their own, for there are no exchange rates here; months and years are apart from days.
"""

from __future__ import annotations

UNITS: dict[str, tuple[str, ...]] = {
    "length": (
        "1 m meter meters metre metres 米 Meter",
        "1/100 cm centimeter centimeters centimetre centimetres 厘米",
        "1/1000 mm millimeter millimeters millimetre millimetres 毫米",
        "1/10 dm decimeter decimeters",
        "1000 km kilometer kilometers kilometre kilometres 千米 公里 Kilometer",
        "127/5000 in inch inches",
        "381/1250 ft foot feet",
        "1143/1250 yd yard yards",
        "201168/125 mi mile miles",
        "1/1000000 micrometer micrometers micron microns",
        "1/1000000000 nm nanometer nanometers",
    ),
    "time": (
        "1 s sec secs second seconds 秒 Sekunde Sekunden saniye",
        "60 min mins minute minutes 分钟 Minuten dakika",
        "3600 h hr hrs hour hours 小时 Stunde Stunden saat 시간",
        "86400 day days 天 Tag Tage Tagen gün",
        "604800 week weeks Woche Wochen hafta",
        "1/1000 ms millisecond milliseconds",
    ),
    "calendar": (
        "1 month months Monat Monate ay",
        "12 yr yrs year years 年 Jahr Jahre yıl",
        "120 decade decades",
    ),
    "mass": (
        "1 kg kilogram kilograms kilo kilos 千克 公斤 Kilogramm",
        "1/1000 g gram grams 克 Gramm",
        "1/1000000 mg milligram milligrams",
        "1000 t ton tons tonne tonnes 吨",
        "45359237/100000000 lb lbs pound pounds",
        "45359237/1600000000 oz ounce ounces",
    ),
    "volume": (
        "1 L l liter liters litre litres 升",
        "1/1000 mL ml milliliter milliliters millilitre millilitres 毫升",
        "473176473/125000000 gal gallon gallons",
        "473176473/500000000 quart quarts",
        "473176473/1000000000 pint pints",
        "473176473/2000000000 cup cups",
    ),
    "dollar": (
        "1 USD dollar dollars buck bucks 美元",
        "1/100 cent cents ¢ penny pennies",
        "1/20 nickel nickels",
        "1/10 dime dimes",
    ),
    "euro": (
        "1 EUR € euro euros Euro 欧元",
        "1/100 eurocent eurocents",
    ),
    "sterling": (
        "1 GBP £ sterling",
        "1/100 pence",
    ),
    "rupee": (
        "1 INR ₹ Rs rs rupee rupees",
        "1/100 paise",
    ),
    "renminbi": ("1 CNY RMB 元 yuan 块 人民币",),
    "yen": ("1 JPY ¥ yen 円",),
    "won": ("1 KRW ₩ won 원",),
    "lira": ("1 TRY ₺ TL lira",),
    "ruble": ("1 RUB ₽ ruble rubles",),
    "peso": ("1 peso pesos",),
    "angle": (r"1 ^\circ degree degrees deg 度 Grad derece",),
    "temperature": (
        r"1 ^\circC celsius Celsius",
        r"5/9 ^\circF fahrenheit Fahrenheit",
    ),
    "current": ("1 A amp amps ampere amperes",),
    "charge": ("1 C coulomb coulombs",),
    "voltage": ("1 V volt volts",),
    "resistance": ("1 ohm ohms",),
    "frequency": (
        "1 Hz hertz",
        "1000 kHz",
        "1000000 MHz",
        "1000000000 GHz",
    ),
    "force": ("1 N newton newtons",),
    "energy": (
        "1 J joule joules",
        "1000 kJ kilojoule kilojoules",
        "4184/1000 cal calorie calories",
        "4184 kcal",
    ),
    "power": (
        "1 W watt watts",
        "1000 kW kilowatt kilowatts",
    ),
    "pressure": (
        "1 Pa pascal pascals",
        "1000 kPa",
    ),
    "data": (
        "1 byte bytes B",
        "1000 kB KB",
        "1000000 MB",
        "1000000000 GB",
    ),
}
"""Per quantity: size in base units, then every name of that unit."""
