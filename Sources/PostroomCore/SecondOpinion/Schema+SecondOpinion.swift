extension Schema {
  static let secondOpinions = [
    // What an outside model says of a mail, or is still to be asked. `asked_at` is the start of the last question; while
    // it is under way `next_at` is the moment from which another may be asked, so that a process that was killed leaves
    // nothing behind. `words` say why there is no answer.
    """
    CREATE TABLE second_opinion (
      message_id {int} NOT NULL PRIMARY KEY REFERENCES message(id),
      state TEXT NOT NULL CHECK \(oneOf("state", "waiting", "answered", "failed", "expired")),
      label TEXT CHECK \(oneOf("label", "inquiry", "complaint", "suggestion")),
      probability {real} CHECK (probability >= 0 AND probability <= 1),
      words TEXT,
      model TEXT,
      prompt_version {int},
      attempts {int} NOT NULL DEFAULT 0 CHECK (attempts >= 0 AND attempts <= 3),
      asked_at {int},
      next_at {int} NOT NULL,
      expires_at {int} NOT NULL,
      CHECK ((state = 'answered') = (label IS NOT NULL)),
      CHECK (label IS NULL OR (model IS NOT NULL AND prompt_version IS NOT NULL)),
      CHECK (probability IS NULL OR label IS NOT NULL)
    ) {strict}
    """,
    "CREATE INDEX second_opinion_waiting ON second_opinion(next_at) WHERE state = 'waiting'",
    // How the endpoint fares, by its address: failures in a row, the rest it is given, and how much it was asked on
    // `day`, which counts from 1970-01-01 in the house's zone.
    """
    CREATE TABLE opinion_endpoint (
      url TEXT NOT NULL PRIMARY KEY,
      failures {int} NOT NULL DEFAULT 0,
      paused_until {int} NOT NULL DEFAULT 0,
      last_error TEXT,
      last_error_at {int},
      last_answer_at {int},
      day {int} NOT NULL DEFAULT 0,
      asked {int} NOT NULL DEFAULT 0
    ) {keyed}
    """,
  ]
}
