"""The figures: a Markdown table and JSON."""


class Report:
    def __init__(self):
        self.rows, self.about = [], {}

    def add(self, name, value, unit, target, met):
        """A figure; `met` is None where there is no target."""
        self.rows.append({"name": name, "value": value, "unit": unit, "target": target, "met": met})
        print(f"bench:   {name}: {words(value)} {unit}{'' if met is not False else '  (missed: ' + target + ')'}", flush=True)

    def facts(self, **about):
        self.about = about

    @property
    def json(self):
        return {**self.about, "figures": self.rows}

    @property
    def markdown(self):
        head = ", ".join(f"{name} {value}" for name, value in self.about.items())
        lines = ["", head, "", "| figure | value | target | |", "|---|---:|---|---|"]
        for row in self.rows:
            met = {None: "", True: "met", False: "**missed**"}[row["met"]]
            unit = f" {row['unit']}" if row["unit"] else ""
            lines.append(f"| {row['name']} | {words(row['value'])}{unit} | {row['target']} | {met} |")
        return "\n".join(lines)


def words(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
