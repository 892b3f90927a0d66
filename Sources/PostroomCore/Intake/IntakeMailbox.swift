/// A mailbox with what intake looks up for every mail: row ids and the people of its team.
package struct IntakeMailbox: Sendable {
  package var settings: MailboxSettings
  package var id: Int64
  package var team: TeamSettings
  package var company: Localized
  /// Agent rows by name, and back.
  package var agentIDs: [String: Int64]
  package var agents: [Int64: AgentSettings]
  /// A second opinion is wanted of mails of which the classifier is not sure.
  package var wantsSecondOpinion: Bool

  package init(_ settings: MailboxSettings, of all: Settings, id: Int64, agentIDs: [String: Int64]) throws {
    guard let team = all.teams[settings.team], agentIDs[team.fallback] != nil else {
      throw SettingsError("the mailbox \(settings.name) has no team whose fallback owner is known")
    }
    self.settings = settings
    self.id = id
    self.team = team
    self.company = all.company
    self.agentIDs = agentIDs
    var agents: [Int64: AgentSettings] = [:]
    for (name, row) in agentIDs { agents[row] = all.agents[name] }
    self.agents = agents
    wantsSecondOpinion = all.secondOpinion?.covers(settings.name) ?? false
  }

  var fallback: Int64 { agentIDs[team.fallback] ?? 0 }
}
