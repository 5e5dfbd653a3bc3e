"""What the broker executed beyond an order is recorded as it was, told with its numbers, and stops the symbol."""

from decimal import Decimal


def judge(evidence):
    """Every overfill that was not taken as it was, and every one that was none."""
    told = {}
    for alert in evidence.alerts:
        if alert["type"] == "overfill":
            told.setdefault(alert["subject"], []).append(alert)
    overfilled = {f"order:{order['id']}": (order, executed) for order, executed in overfills(evidence)}
    for subject, (order, executed) in overfilled.items():
        for fault in faults(evidence, order, executed, told.get(subject, [])):
            yield f"{executed} of {order['qty']} were executed of {subject}: {fault}"
    for subject in told.keys() - overfilled.keys():
        yield f"an overfill was told that the broker knows nothing of: {subject}"


def overfills(evidence):
    """The orders of which the broker executed more than was ordered, and how much."""
    for order in evidence.orders:
        there = evidence.book.get(order["client_order_id"])
        if there and Decimal(there["filled_qty"]) > order["qty"]:
            yield order, Decimal(there["filled_qty"])


def faults(evidence, order, executed, alerts):
    for name, rows in (("recorded", evidence.fills), ("booked", evidence.booked)):
        known = sum(row["qty"] for row in rows if row["order_id"] == order["id"])
        if known != executed:
            yield f"{known} are {name}"
    if order["turned_up_at"] is None and order["state"] != "filled":
        yield f"it is {order['state']}"
    kinds = [entry["kind"] for entry in evidence.about("order", order["id"])]
    if "order.contradicted" not in kinds:
        yield f"the journal does not tell: {kinds}"
    numbers = {"ordered_qty": order["qty"], "executed_qty": executed, "excess_qty": executed - order["qty"]}
    last = [each for each in alerts if Decimal(each["evidence"]["executed_qty"]) == executed]
    if len(last) != 1:
        yield f"{len(last)} alerts tell"
    for alert in last:
        said = {name: Decimal(alert["evidence"][name]) for name in numbers}
        if said != numbers or str(executed) not in alert["title"]:
            yield f"the alert says otherwise: {alert['title']} {said}"
        if alert["priority"] not in ("critical", "emergency"):
            yield f"the alert is only {alert['priority']}"
        if not any(stops(halt, order, alert["raised_at"]) for halt in evidence.halts):
            yield "the symbol was not stopped"


def stops(halt, order, moment):
    """Whether a halt of the order's symbol for an overfill stood at that moment, and let only reducing orders pass."""
    is_open = halt["opened_at"] <= moment and (halt["cleared_at"] is None or moment < halt["cleared_at"])
    about = (halt["cause"], halt["scope"], halt["target"], halt["opened_by"], halt["allows_reducing"])
    return is_open and about == ("overfill", "symbol", order["symbol"], "system:overfill", True)
