"""HC1 health certificate (EU DCC form): the only code a gate can verify by itself.

``HC1:`` + base45(zlib(COSE_Sign1(CBOR web token))), in that order, one module a layer: `envelope` (text
to bytes), `prescan` (is this CBOR harmless?), `cose` (who signed), `claims` (what it says), `read` (all
of it), and `faults` (what is wrong with the result at a given time).

Source: the eHealth network's "Technical specifications for digital green certificates", volumes 1 and 3;
Vietnam: Decision 5772/QĐ-BYT of 20 December 2021, the same layout.
"""
