import JSON

// How single settings of a policy are read.

extension JSONReader {
    /// A limit: absent it stays as the preset has it, null turns it off.
    func limit<Value>(_ key: String, else preset: Value?, _ read: (JSONReader, String) -> Value?) -> Value? {
        has(key) ? read(self, key) : preset
    }

    /// A setting that must have a value: absent it stays as the preset has it, null is a fault.
    func setting<Value>(_ key: String, else preset: Value, _ read: (JSONReader, String) -> Value?) -> Value {
        guard has(key) else { return preset }
        if value(key) == nil { fault(key, "cannot be turned off; leave it out to keep the preset's value") }
        return read(self, key) ?? preset
    }

    func money(_ key: String, else preset: ExactDecimal?) -> ExactDecimal? {
        limit(key, else: preset) { $0.positiveDecimal($1, upTo: Limits.maxAmountUSD, places: 4) }
    }

    /// A part of one, from 0 to 1.
    func fraction(_ key: String, else preset: ExactDecimal?) -> ExactDecimal? {
        limit(key, else: preset) { reader, key in
            guard let fraction = reader.decimal(key) else { return nil }
            guard fraction >= .zero, fraction <= .one, fraction.decimalPlaces <= 6 else {
                reader.fault(key, "must be a fraction from 0 to 1, such as \"0.05\" for 5 percent")
                return nil
            }
            return fraction
        }
    }

    /// A distance of a stop: a part of one that is neither nothing nor everything.
    func stopDistance(_ key: String, else preset: ExactDecimal?) -> ExactDecimal? {
        let distance = fraction(key, else: preset)
        guard has(key), let distance, distance.isZero || distance == .one else { return distance }
        fault(key, "must be above 0 and below 1")
        return nil
    }

    func count(_ key: String, else preset: Int?, upTo most: Int = 10_000) -> Int? {
        limit(key, else: preset) { $0.int($1, in: 0...most) }
    }

    func seconds(_ key: String, else preset: Int?) -> Int? {
        limit(key, else: preset) { $0.int($1, in: 1...86_400) }
    }
}
