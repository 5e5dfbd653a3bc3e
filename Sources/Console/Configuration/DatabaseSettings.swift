package import Cryptography
package import Domain
import Postgres

/// Which database, and where the deployment's one secret comes from.
package struct DatabaseSettings: Sendable {
    package enum Database: Sendable, Hashable {
        case url(String)
        /// A private cluster in this directory.
        case embedded(directory: String)
    }

    package enum MasterKey: Sendable {
        case given(SecretBytes)
        /// Kept in this file, and made where there is none.
        case kept(path: String)
        /// Not given, and not needed for what is to be done.
        case absent
    }

    package let mode: TradingMode
    package let database: Database
    package let masterKey: MasterKey
    package let stateDirectory: String
    package let resources: String?

    /// `needsKey` is false for commands that neither sign nor seal.
    package init(_ reader: inout SettingsReader, needsKey: Bool = true) {
        mode = reader.word(.mode, default: TradingMode.paper)
        stateDirectory = reader.text(.stateDirectory) ?? "var"
        resources = reader.text(.resources)
        let key = reader.masterKey()
        if let url = reader.text(.databaseURL) {
            do {
                try PostgresConfiguration(connectionString: url).validate()
            } catch {
                reader.problem(.databaseURL, "cannot be used. \(error.message)")
            }
            database = .url(url)
            masterKey = key.map(MasterKey.given) ?? .absent
            if needsKey, key == nil, reader.text(.secretKey) == nil {
                reader.problem(
                    .secretKey,
                    "is missing: with a database of your own, every copy of the server needs the same key. Make one"
                        + " with openssl rand -hex 32, keep it safe, and give it in COUNTERSIGN_SECRET_KEY_FILE."
                )
            }
        } else {
            database = .embedded(directory: "\(stateDirectory)/postgres")
            masterKey = key.map(MasterKey.given) ?? .kept(path: "\(stateDirectory)/secret.key")
        }
    }
}
