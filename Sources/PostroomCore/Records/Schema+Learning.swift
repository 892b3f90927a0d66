extension Schema {
  static let learning = [
    // What people said of the kinds of mails, beside what the machine had said: append only, and gone only when a customer
    // is forgotten. `features` is all that learning needs of the text; of several sayings about a mail the last counts.
    // `is_unbiased` tells that the mail was looked at because all such mails are, not because somebody saw a mistake;
    // `is_said` = 0, that the agent answered and left the kind as it was.
    """
    CREATE TABLE lesson (
      id {id},
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      message_id {int} NOT NULL REFERENCES message(id),
      customer_id {int} NOT NULL REFERENCES customer(id),
      agent_id {int} NOT NULL REFERENCES agent(id),
      told TEXT NOT NULL CHECK \(oneOf("told", "inquiry", "complaint", "suggestion")),
      confidence {real} NOT NULL CHECK (confidence BETWEEN 0 AND 1),
      routing TEXT NOT NULL CHECK \(oneOf("routing", "suggested", "automatic", "audit")),
      is_unbiased {int} NOT NULL CHECK (is_unbiased IN (0, 1)),
      is_said {int} NOT NULL CHECK (is_said IN (0, 1)),
      said TEXT NOT NULL CHECK \(oneOf("said", "inquiry", "complaint", "suggestion")),
      said_at {int} NOT NULL,
      features {blob} NOT NULL,
      CHECK (is_said = 1 OR (is_unbiased = 0 AND said = told))
    ) {strict}
    """,
    "CREATE INDEX lesson_mailbox ON lesson(mailbox_id, id)",
    "CREATE INDEX lesson_message ON lesson(message_id, id)",
    "CREATE INDEX lesson_customer ON lesson(customer_id)",
    """
    {sqlite}CREATE TRIGGER lesson_stays BEFORE UPDATE ON lesson
    BEGIN SELECT RAISE(ABORT, 'lessons are never changed'); END
    """,
    """
    {postgres}CREATE FUNCTION lesson_stays() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''lessons are never changed''; END'
    """,
    "{postgres}CREATE TRIGGER lesson_stays BEFORE UPDATE ON lesson FOR EACH ROW EXECUTE FUNCTION lesson_stays()",
    // How a mailbox learns. `revision` grows with every change of what intake must know, `epoch` when something learned
    // is taken back: a refit that was begun before is begun anew. Without a threshold every mail is shown for
    // confirmation. `forgotten` lessons are erased but still weigh in what is active, until the next refit. `refit_base`
    // is the fingerprint of the model on which the last refit learned.
    """
    CREATE TABLE learner (
      mailbox_id {int} NOT NULL PRIMARY KEY REFERENCES mailbox(id),
      revision {int} NOT NULL DEFAULT 0,
      epoch {int} NOT NULL DEFAULT 0,
      lessons {int} NOT NULL DEFAULT 0,
      threshold {real} CHECK (threshold BETWEEN 0 AND 1),
      estimated_at {int},
      forgotten {int} NOT NULL DEFAULT 0 CHECK (forgotten >= 0),
      refit_day {int} NOT NULL DEFAULT 0,
      refit_lesson {int} NOT NULL DEFAULT 0,
      refit_base {int}
    ) {keyed}
    """,
    // What a mailbox learned. The last refit took in its lessons up to `settled_lesson`, steps those up to `last_lesson`.
    // `agent_id` is who went back to an earlier version.
    """
    CREATE TABLE model_delta (
      id {id},
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      version {int} NOT NULL CHECK (version > 0),
      why TEXT NOT NULL CHECK \(oneOf("why", "step", "refit", "rollback")),
      is_active {int} NOT NULL CHECK (is_active IN (0, 1)),
      agent_id {int} REFERENCES agent(id),
      lesson_count {int} NOT NULL,
      settled_lesson {int} NOT NULL,
      last_lesson {int} NOT NULL,
      made_at {int} NOT NULL,
      bytes {blob} NOT NULL,
      UNIQUE (mailbox_id, version),
      CHECK ((why = 'rollback') = (agent_id IS NOT NULL))
    ) {strict}
    """,
    "CREATE UNIQUE INDEX model_delta_active ON model_delta(mailbox_id) WHERE is_active = 1",
    // What came of each refit, whether it was taken or not: macro-F1 on lessons not seen, of what is active and of itself.
    """
    CREATE TABLE model_refit (
      id {id},
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      at {int} NOT NULL,
      lessons {int} NOT NULL,
      left_out {int} NOT NULL,
      active_score {real} NOT NULL,
      refit_score {real} NOT NULL,
      outcome TEXT NOT NULL CHECK \(oneOf("outcome", "accepted", "refused", "unlearned")),
      version {int},
      CHECK ((outcome = 'refused') = (version IS NULL))
    ) {strict}
    """,
    "CREATE INDEX model_refit_mailbox ON model_refit(mailbox_id, id)",
  ]
}
