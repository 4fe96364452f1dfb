"""The engine: takes programs from many callers, hands them to slots, and answers every case with a verdict."""
