package import JSON

extension ProposalDraft {
    /// How long and how large the fields of a proposal may be.
    package enum FieldLimits {
        package static let strategyCharacters = 64
        package static let rationaleCharacters = 10_000
        package static let idCharacters = 128
        package static let evidenceBytes = 16 * 1024
        package static let timeoutMinutes = 1...1440
    }

    /// Reads the body of a request; a refusal names every fault with its place.
    package static func parse(_ document: JSONValue) -> Result<ProposalDraft, ValidationFailure> {
        let reader = JSONReader(document)
        guard document.objectValue != nil else { return .failure(ValidationFailure(faults: reader.faults)) }
        let unsized = OrderTermsReader.read(reader)
        let quantity = quantity(reader)
        let draft = annotated(reader, unsized, quantity)
        reader.refuseUnknown()
        let faults = reader.faults + shapeFaults(unsized, quantity)
        guard faults.isEmpty, let draft else { return .failure(ValidationFailure(faults: faults)) }
        return .success(draft)
    }

    private static func annotated(
        _ reader: JSONReader, _ unsized: UnsizedTerms?, _ quantity: Quantity?
    ) -> ProposalDraft? {
        let referencePrice = reader.price("reference_price")
        let strategy = reader.words("strategy", maxCharacters: FieldLimits.strategyCharacters)
        if let strategy, strategy.allSatisfy(\.isWhitespace) {
            reader.fault("strategy", "must not be blank; leave it out for none")
        }
        let rationale = rationale(reader)
        let confidence = reader.score("confidence")
        let catalystScore = reader.score("catalyst_score")
        let ids = ["signal_id", "pattern_id", "news_id", "external_ref"].map {
            reader.words($0, maxCharacters: FieldLimits.idCharacters)
        }
        let evidence = evidence(reader)
        let timeoutMinutes = reader.int("timeout_minutes", in: FieldLimits.timeoutMinutes)
        guard let unsized, let quantity else { return nil }
        return ProposalDraft(
            quantity: quantity, referencePrice: referencePrice, strategy: strategy ?? defaultStrategy,
            rationale: rationale, confidence: confidence, catalystScore: catalystScore, signalID: ids[0],
            patternID: ids[1], newsID: ids[2], evidence: evidence, timeoutMinutes: timeoutMinutes,
            externalRef: ids[3], unsized: unsized)
    }

    /// An empty rationale is none: many bots always send the field.
    private static func rationale(_ reader: JSONReader) -> String? {
        if reader.value("rationale")?.stringValue == "" { return nil }
        return reader.words(
            "rationale", maxCharacters: FieldLimits.rationaleCharacters, severalLines: true)
    }

    private static func quantity(_ reader: JSONReader) -> Quantity? {
        let qty = reader.positiveQty("qty")
        guard let size = reader.value("size") else {
            if reader.value("qty") == nil {
                reader.fault("qty", "is required, unless \"size\":\"auto\" asks for the policy's sizing rule")
            }
            return qty.map(Quantity.shares)
        }
        guard size.stringValue == "auto" else {
            reader.fault("size", "must be \"auto\", or left out where qty says how many shares")
            return nil
        }
        guard reader.value("qty") == nil else {
            reader.fault("size", "cannot stand beside qty: give one of them")
            return nil
        }
        return .auto
    }

    private static func shapeFaults(_ unsized: UnsizedTerms?, _ quantity: Quantity?) -> [JSONFault] {
        guard let unsized else { return [] }
        if case .shares(let qty) = quantity { return OrderShape.structuralFaults(unsized.terms(qty: qty)) }
        return OrderShape.structuralFaults(unsized.terms(qty: .one))
    }

    private static func evidence(_ reader: JSONReader) -> JSONObject? {
        guard let value = reader.value("evidence") else { return nil }
        guard let object = value.objectValue else {
            reader.fault("evidence", "must be an object, not \(value.kindName)")
            return nil
        }
        guard value.bytes().count <= FieldLimits.evidenceBytes else {
            reader.fault("evidence", "must be at most \(FieldLimits.evidenceBytes) bytes as JSON")
            return nil
        }
        guard EvidenceNumbers.areStorable(value) else {
            reader.fault("evidence", "contains a number with an exponent beyond 300")
            return nil
        }
        return object
    }
}

extension JSONReader {
    /// The field as a score from 0 to 100.
    func score(_ key: String) -> ExactDecimal? {
        guard let score = decimal(key) else { return nil }
        guard score >= .zero, score <= ExactDecimal(100), score.decimalPlaces <= 6 else {
            fault(key, "must be a number from 0 to 100 with at most 6 decimal places")
            return nil
        }
        return score
    }
}

/// Evidence is kept as it came, but a number such as `1e99999999` would be written out in full by the database.
enum EvidenceNumbers {
    static func areStorable(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool, .string: true
        case .number(let number): isStorable(number.text)
        case .array(let elements): elements.allSatisfy(areStorable)
        case .object(let object): object.members.allSatisfy { areStorable($0.value) }
        case .encoded(let text): areStorable(text.value)
        }
    }

    private static func isStorable(_ text: String) -> Bool {
        guard let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) else { return true }
        guard let exponent = Int(text[text.index(after: mark)...]) else { return false }
        return (-300...300).contains(exponent)
    }
}
