package import Foundation

/// All that an installation is told by its files: `postroom.yaml`, `mailboxes/`, `mailboxes/gateways/`.
package struct Settings: Sendable {
  /// The folder that holds `postroom.yaml`.
  package var home: String
  package var company: Localized
  package var hotline: String
  /// `sqlite:/absolute/path` or `postgres://…`.
  package var database: String
  /// Folder of the database file, the journal of attempts and what the file gateway writes.
  package var data: String
  package var templates: String
  package var language: Language
  /// Of the house: days are counted in it, and recipients whose zone is not known are supposed to live there.
  package var zone: TimeZone
  /// How much marketing a customer is asked to bear.
  package var pressure: ContactPressure
  package var signingKey: [UInt8]
  package var agents: [String: AgentSettings]
  package var teams: [String: TeamSettings]
  package var mailboxes: [String: MailboxSettings]
  package var gateways: [String: GatewaySettings]
  /// Greetings and promotions.
  package var outreach = OutreachSettings()
  /// Nil when nothing listens.
  package var http: HTTPSettings?
  /// Nil when nobody is asked.
  package var secondOpinion: SecondOpinionSettings?
}

extension Settings {
  /// Days since 1970 in the house's zone.
  package func day(of moment: Instant) -> Int64 {
    Int64(WorkCalendar.standard(zone: zone).localTime(moment).date.daysSinceEpoch)
  }

  /// The SMS gateway whose answers a mailbox's team takes.
  package func smsGateway(of mailbox: String) -> GatewaySettings? {
    gateways.values.filter { $0.sms != nil && $0.mailbox == mailbox }.min { $0.name < $1.name }
  }
}

/// A person who answers customers.
package struct AgentSettings: Sendable, Equatable {
  package var id: String
  package var name: String
  package var email: String
  /// Most conversations given to him on a day; 50 by default.
  package var capacity: Int
  /// Days on which he gets no new conversation.
  package var absent: [ClosedRange<CivilDate>]

  package func isAbsent(on date: CivilDate) -> Bool { absent.contains { $0.contains(date) } }
}

package struct TeamSettings: Sendable, Equatable {
  package var id: String
  package var name: Localized
  package var members: [String]
  /// Owns what nobody of the team can take, and answers for machine mail and quarantine.
  package var fallback: String
}

/// A mailbox that customers write to.
package struct MailboxSettings: Sendable {
  package enum Source: Sendable {
    case imap(IMAPSettings)
    case maildir(String)
  }

  package var name: String
  package var address: String
  /// Further addresses whose mail arrives here.
  package var aliases: [String]
  package var source: Source
  package var team: String
  package var language: Language
  package var calendar: WorkCalendar
  package var serviceLevel: ServiceLevel
  package var hotline: String
  package var senderName: Localized
  package var gateway: String
  package var policy: AutoReplyPolicy
  /// The mail server delivers `support+anything@` to this mailbox, so replies may carry a signed address.
  package var plusAddressing: Bool
  /// Time between two looks at the mailbox when nothing wakes it; 60 s by default.
  package var pollInterval: Seconds
  /// How complainants are asked whether the solution satisfied them.
  package var callback = CallbackSettings()
  /// How its mails are told apart.
  package var classifier = ClassifierSettings()

  package var domain: String {
    String(address[address.index(after: address.lastIndex(of: "@") ?? address.startIndex)...])
  }
  package var ownAddresses: Set<String> { Set(([address] + aliases).map { $0.lowercased() }) }
}

package struct IMAPSettings: Sendable {
  package enum Security: String, Sendable, CaseIterable { case tls, starttls, plain }
  /// What is done with a mail on the server once it is safely stored here.
  package enum AfterIntake: Sendable, Equatable {
    case keep, markSeen
    case move(String)
  }

  package var host: String
  package var port: Int
  package var security: Security
  package var user: String
  package var secret: MailSecret
  package var folder: String
  package var caFile: String?
  package var proxy: String?
  package var afterIntake: AfterIntake
  /// Larger mails are taken in without what lies beyond; 50 MB by default.
  package var maxMailBytes: Int
}

/// A sentence about settings that are wrong at run time.
package struct SettingsError: Error, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// A way out of the house.
package struct GatewaySettings: Sendable {
  package enum Kind: Sendable {
    case smtp(SMTPSettings)
    /// Writes each mail as an .eml file: for trying things out.
    case file(folder: String)
    /// SMS through a provider's HTTP interface.
    case http(HTTPRecipe, SMSSettings)
    /// Mail through a provider's HTTP interface.
    case mailHTTP(HTTPRecipe)
  }

  package var name: String
  package var kind: Kind
  /// Whether it carries mail; else SMS.
  package var carriesMail: Bool { if case .http = kind { false } else { true } }
  /// How its SMS are worded and counted; nil when it carries mail only.
  package var sms: SMSSettings? { if case .http(_, let sms) = kind { sms } else { nil } }
  /// The mailbox whose team takes what people write back; for SMS.
  package var mailbox: String?
  /// 30 s, doubling up to 1 h by default.
  package var backoff: Backoff
  /// After so many attempts a message is given up and shown; 100 by default, four days (RFC 5321 §4.5.4.1).
  package var maxAttempts: Int
  /// What holds for messages through it.
  package var rules: SendingRules
  /// What its vendor sends of its own accord; nil when it sends nothing.
  package var webhooks: WebhookRecipe?
  /// When the answer of the gateway was lost, the mail is sent a second time after this, once; 10 min by default.
  package var resendUncertainAfter: Seconds
}

/// How a gateway's SMS are worded and counted.
package struct SMSSettings: Sendable, Equatable {
  package var profile: SMSProfile
  /// The name between 【 and 】; nil for none.
  package var signature: String?
}

package struct SMTPSettings: Sendable {
  package enum Security: String, Sendable, CaseIterable { case tls, starttls, plain }
  package var host: String
  package var port: Int
  package var security: Security
  package var user: String?
  package var secret: MailSecret?
  package var caFile: String?
  package var heloName: String?
  /// At the same time; 8 by default.
  package var connections: Int
  /// Longest wait for an answer of the server; 5 min by default (RFC 5321 §4.5.3.2).
  package var responseTimeout: Seconds
}
