package import SQLAccess

extension Transaction {
  /// Makes the agent rows match the settings. An agent who left stays as a row, since conversations name him, but gets
  /// nothing new.
  package func syncAgents(_ agents: [AgentSettings]) throws {
    try execute("UPDATE agent SET active = 0")
    for agent in agents {
      try execute(
        """
        INSERT INTO agent (name, display_name, email, capacity, active) VALUES ($1, $2, $3, $4, 1)
        ON CONFLICT (name) DO UPDATE SET display_name = $2, email = $3, capacity = $4, active = 1
        """, [.text(agent.id), .text(agent.name), .text(agent.email), .int(agent.capacity)])
    }
  }

  /// Gives what waits for an agent who left the settings to the fallback owner of its mailbox's team: nothing may wait for
  /// somebody who never looks. `fallbacks` by name of the mailbox. Gives how many conversations moved.
  package func handOverFromFormerAgents(fallbacks: [String: String], now: Instant) throws -> Int {
    let former = try rows("SELECT id FROM agent WHERE active = 0 AND open_count > 0").map { try $0.int(0) }
    guard !former.isEmpty else { return 0 }
    try lock("intake")
    let agents = try agentIDs()
    let orphans = try former.flatMap { agent in
      try rows(
        """
        SELECT c.id, c.owner_id, c.customer_id, m.name FROM conversation c JOIN mailbox m ON m.id = c.mailbox_id
        WHERE c.owner_id = $1 AND c.state <> 'resolved'
        """, [.integer(agent)])
    }
    var moved = 0
    for row in orphans {
      guard let fallback = fallbacks[try row.text(3)], let target = agents[fallback] else { continue }
      let conversation = try row.int(0)
      try setOwner(of: conversation, to: target, reason: .fallback)
      try setOwner(ofCustomer: row.int(2), to: target)
      try changeOpenCount(of: row.int(1), by: -1)
      try changeOpenCount(of: target, by: 1)
      try note("assigned", in: conversation, by: "settings", detail: fallback, now: now)
      moved += 1
    }
    return moved
  }

  /// Row ids by the name in the settings.
  package func agentIDs() throws -> [String: Int64] {
    var result: [String: Int64] = [:]
    for row in try rows("SELECT name, id FROM agent") { result[try row.text(0)] = try row.int(1) }
    return result
  }

  /// All agents, as the choice of an owner needs them. `day` counts days since 1970 in the mailbox's zone.
  package func candidates(day: Int64) throws -> [Assignment.Candidate] {
    try rows(
      "SELECT id, active, open_count, assigned_day, assigned_count, capacity, last_assigned_at FROM agent"
    ).map { row in
      Assignment.Candidate(
        agent: try row.int(0), isAvailable: try row.bool(1), open: try row.int(2),
        assignedToday: try row.int(3) == day ? try row.int(4) : 0, capacity: try row.int(5),
        lastAssignedAt: try row.int(6))
    }
  }

  /// Counts a conversation as given to an agent on `day` and waiting for him.
  package func countAssignment(to agent: Int64, day: Int64, now: Instant) throws {
    try execute(
      """
      UPDATE agent SET open_count = open_count + 1, last_assigned_at = $2,
        assigned_count = CASE WHEN assigned_day = $3 THEN assigned_count + 1 ELSE 1 END, assigned_day = $3
      WHERE id = $1
      """, [.integer(agent), .integer(now), .integer(day)])
  }

  /// `change` conversations more (or less) wait for the agent.
  package func changeOpenCount(of agent: Int64, by change: Int64) throws {
    try execute("UPDATE agent SET open_count = open_count + $2 WHERE id = $1", [.integer(agent), .integer(change)])
  }
}
