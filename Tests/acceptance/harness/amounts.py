"""Amounts as pages and mails write them."""


def money(*texts):
    """Amounts that stand together, with cents where any of them has some."""
    values = [float(text) for text in texts]
    digits = [f"{abs(value):,.2f}" for value in values]
    if all(each.endswith(".00") for each in digits):
        digits = [each[:-3] for each in digits]
    return [("−$" if value < 0 else "$") + each for value, each in zip(values, digits)]


def percent(text):
    return f"{100 * float(text):.2f}%".replace("-", "−")
