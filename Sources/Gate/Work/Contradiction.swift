import Domain
import Store

/// Something that a worker tells of an order and that does not fit what is recorded of it.
///
/// It is journalled and told, once for each thing that it says; what is recorded stays.
enum Contradiction: Sendable, Hashable {
    /// The broker has another order than the one that is known to be this one: perhaps two are live.
    case anotherOrder(known: String, told: OrderReport.BrokerView)
    /// The broker has what was held never to have arrived.
    case turnedUp
    /// The broker is done with it, and says that only a part was filled.
    case filledInPart(ExactDecimal, of: ExactDecimal)
    /// The broker executed more shares than were ordered.
    case overfilled(ExactDecimal, of: ExactDecimal)
    /// It is said that the broker rejected it, and shares of it were executed.
    case rejectedThoughExecuted
    /// It is said that the broker does not have it, and it is known as which order the broker has it.
    case rejectedThoughPlaced(String)
    /// Shares were executed of an order that had ended as rejected.
    case executedThoughRejected
    /// An execution is known with another quantity or price, or as another order's.
    case otherwiseExecuted(known: FillRecord, told: FillRecord)

    /// What does not fit, in sentences; the same for the same thing, by which it is known again.
    var words: String {
        switch self {
        case .anotherOrder(let known, let told):
            let filled = told.filledQty.map { $0.isPositive ? ", \($0) filled" : "" } ?? ""
            return
                "The worker tells of the broker's order \(told.id) (\(told.status)\(filled)), and \(known) is the "
                + "one that is known. Perhaps both are live: look at the broker, and cancel there what is too much."
        case .turnedUp:
            return "The broker has the order, though it was held never to have arrived."
        case .filledInPart(let filled, let qty):
            return "The broker calls the order filled, with only \(filled) of its \(qty) shares."
        case .overfilled(let executed, let qty):
            return
                "The broker executed \(executed) shares of an order for \(qty): \(executed - qty) more than anybody "
                + "approved. They are in the account: look there."
        case .rejectedThoughExecuted:
            return
                "The worker says that the order was rejected, and shares of it were executed. What was executed "
                + "counts."
        case .rejectedThoughPlaced(let known):
            return
                "The worker says that the order was rejected, and the broker has it as \(known). It stays as it is "
                + "until a report brings that order of the broker's with its status."
        case .executedThoughRejected:
            return
                "Shares were executed of the order after it had ended as rejected. They are in the account: look "
                + "there."
        case .otherwiseExecuted(let known, let told):
            guard known.orderID == told.orderID else {
                return
                    "Execution \(told.executionID) is known as one of order \(known.orderID). It was not counted "
                    + "again."
            }
            return
                "Execution \(told.executionID) is known as \(known.words) and is told as \(told.words) now. What "
                + "was told first is kept: look at the broker's statement."
        }
    }
}

extension FillRecord {
    /// Whether another telling of the same execution says the same.
    func isSame(as other: FillRecord) -> Bool {
        orderID == other.orderID && qty == other.qty && price == other.price
    }

    fileprivate var words: String { "\(qty) at \(price)" }
}
