with check.part(2, "growth_exponent is the right power"):
    power = whole_number("growth_exponent", growth_exponent)
    times = f"2**({power})" if abs(power) > 20 else f"{2.0**power:g}"
    expect(
        power == 2,
        f"growth_exponent = {power} would mean that twice the depth takes {times} times the "
        "multiplications.\nCompare with the counts at depth 20 and depth 40. If you read the "
        "number off a clock: the exercise asks for the count.",
    )
