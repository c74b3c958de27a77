from checks import whole_number

with check.part(1, "EPOCHS is the number that the exercise asks for"):
    expect(
        plain(EPOCHS, "EPOCHS").dtype.kind in "iu",
        f"EPOCHS must be a whole number, without a decimal point; got {EPOCHS!r}.",
    )
    expect(
        whole_number("EPOCHS", EPOCHS) == 10,
        f"EPOCHS is {EPOCHS}. Read once more how many epochs the exercise asks for.",
    )
