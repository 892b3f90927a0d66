"""The judge of script/soak: holds the mailbox, the database and the SMTP server's ledger against each other.

`judge` is a function of the evidence alone, so that it can be shown to fail: FORGERIES lists ways to doctor evidence
that is true, and what the judge must say to each.
"""
import copy
import re
from collections import Counter, defaultdict
from dataclasses import dataclass

AUTOMATIC = ("newsletter", "autoreply", "bounce")


@dataclass
class Mail:
    """What mailfill wrote."""
    kind: str
    message_id: str
    sender: str
    case: int


@dataclass
class LedgerRow:
    uid_validity: int
    uid: int
    outcome: str


@dataclass
class Message:
    message_id: str
    sender: str
    owner: int


@dataclass
class Delivery:
    recipient: str
    message_id: str
    state: str
    uncertainties: int


@dataclass
class Stored:
    """A mail that the SMTP server stored. `fate` is answered, cut or open: what the client did after the 250."""
    time: float
    recipient: str
    message_id: str
    fate: str = "open"


@dataclass
class Evidence:
    truth: list
    on_server: dict  # UID → Message-ID
    report: list  # postroom ledger --json
    ledger: list
    messages: list
    agents: set
    deliveries: list
    stored: list
    kills: list
    crashes: list


def bare(message_id):
    return (message_id or "").strip().strip("<>")


def read_truth(path):
    with open(path, encoding="utf-8") as file:
        fields = [line.rstrip("\n").split("\t") for line in file]
    return [Mail(kind=f[1], message_id=f[2], sender=f[5], case=int(f[8])) for f in fields]


def read_smtp_ledger(path):
    stored = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            time, event, number, *fields = line.rstrip("\n").split("\t")
            if event != "mail":
                stored[number].fate = event
            elif fields[1] == "1":
                stored[number] = Stored(float(time), recipient=fields[5], message_id=fields[2])
    return list(stored.values())


class Verdict:
    def __init__(self, evidence):
        self.violations = []  # (rule, sentence)
        self.figures = {}
        self.evidence = evidence

    def violate(self, rule, sentence):
        self.violations.append((rule, sentence))

    def rows(self):
        broken = Counter(rule for rule, _ in self.violations)
        return list(self.figures.items()) + [(f"broken rules: {rule}", broken[rule]) for rule in RULES]


RULES = {
    "lost": "every mail on the server has an outcome",
    "outcome": "no mail has two outcomes, and one copy of a repeated mail at most is taken in",
    "owner": "every customer's mail is stored once and has one owner",
    "unanswered": "every customer's mail is answered, or a person is shown that it may not be",
    "duplicate": "a case is answered twice only where the SMTP server stored the first answer and the line was cut",
    "unmarked": "an answer that may have gone out twice has one Message-ID and is marked uncertain",
    "machine": "no machine is answered",
    "claimed": "what is recorded as accepted was stored by the SMTP server",
    "undrained": "no delivery is left open",
    "crash": "the server ends only when it is told to",
}


def judge(evidence):
    verdict = Verdict(evidence)
    human = [mail for mail in evidence.truth if mail.kind not in (*AUTOMATIC, "poison", "duplicate")]
    intake(verdict, evidence)
    owners(verdict, evidence, human)
    replies(verdict, evidence, human)
    for crash in evidence.crashes:
        verdict.violate("crash", crash)
    return verdict


def intake(verdict, evidence):
    outcomes = defaultdict(list)
    for row in evidence.ledger:
        outcomes[row.uid].append(row.outcome)
    for uid in evidence.on_server:
        if not outcomes[uid]:
            verdict.violate("lost", f"the mail with UID {uid} has no outcome")
        elif len(outcomes[uid]) > 1:
            verdict.violate("outcome", f"the mail with UID {uid} has {len(outcomes[uid])}: {', '.join(outcomes[uid])}")
    if len(evidence.on_server) != len(evidence.truth):
        verdict.violate("lost", f"of {len(evidence.truth)} mails the mailbox holds {len(evidence.on_server)}")
    for folder in evidence.report:
        if folder["missing"] or folder["server"] != folder["ledger"] or folder["server"] != len(evidence.on_server):
            verdict.violate("lost", f"postroom ledger says so itself: {folder}")
    if not evidence.report:
        verdict.violate("lost", "postroom ledger reports nothing")
    taken = Counter(message_id for uid, message_id in evidence.on_server.items() if message_id
                    for outcome in outcomes[uid] if outcome in ("conversation", "reply"))
    for message_id, count in taken.items():
        if count > 1:
            verdict.violate("outcome", f"{message_id} was taken in {count} times")
    verdict.figures["mails delivered"] = len(evidence.truth)
    verdict.figures["kills"] = len(evidence.kills)
    counts = Counter(row.outcome for row in evidence.ledger)
    verdict.figures.update({f"outcome {outcome}": counts[outcome] for outcome in sorted(counts)})


def owners(verdict, evidence, human):
    found = defaultdict(list)
    for message in evidence.messages:
        found[bare(message.message_id)].append(message.owner)
        if message.owner not in evidence.agents:
            verdict.violate("owner", f"the mail of {message.sender} belongs to nobody")
    for mail in human:
        owners = found[bare(mail.message_id)]
        if len(owners) != 1:
            verdict.violate("owner", f"case {mail.case} ({mail.message_id}) is stored {len(owners)} times")
    verdict.figures["customers' mails with one owner"] = sum(len(found[bare(mail.message_id)]) == 1 for mail in human)


def replies(verdict, evidence, human):
    """Each case has a sender of its own, so the recipient tells the case."""
    stored, deliveries = defaultdict(list), defaultdict(list)
    for mail in sorted(evidence.stored, key=lambda mail: mail.time):
        stored[mail.recipient].append(mail)
    for delivery in evidence.deliveries:
        deliveries[delivery.recipient].append(delivery)

    uncertain = 0
    for mail in human:
        shown = any(delivery.state == "uncertain" for delivery in deliveries[mail.sender])
        uncertain += shown
        if not stored[mail.sender] and not shown:
            states = ", ".join(delivery.state for delivery in deliveries[mail.sender]) or "no delivery"
            verdict.violate("unanswered", f"case {mail.case} of {mail.sender}: {states}")
    repeated = 0
    for recipient, mails in stored.items():
        if len(mails) > 1:
            repeated += len(mails) - 1
            duplicates(verdict, evidence, recipient, mails, deliveries[recipient])
    machines = {mail.sender for mail in evidence.truth if mail.kind in AUTOMATIC}
    for recipient in machines & stored.keys():
        verdict.violate("machine", f"{recipient} was answered")
    known = {bare(mail.message_id) for mail in evidence.stored}
    for delivery in evidence.deliveries:
        if delivery.state in ("queued", "sending", "deferred"):
            verdict.violate("undrained", f"the answer to {delivery.recipient} is still {delivery.state}")
        if delivery.state == "accepted" and bare(delivery.message_id) not in known:
            verdict.violate("claimed", f"{delivery.message_id} to {delivery.recipient}")
    verdict.figures["customers' mails to answer"] = len(human)
    verdict.figures["answered"] = sum(bool(stored[mail.sender]) for mail in human)
    verdict.figures["uncertain, shown to a person"] = uncertain
    verdict.figures["stored, then cut"] = sum(mail.fate == "cut" for mail in evidence.stored)
    verdict.figures["stored again after a cut"] = repeated


def duplicates(verdict, evidence, recipient, mails, deliveries):
    for first, second in zip(mails, mails[1:]):
        if first.fate != "cut":
            kill = min((kill - first.time for kill in evidence.kills if kill >= first.time), default=None)
            after = "no kill followed" if kill is None else f"the next kill came {kill:.3f} s after it"
            verdict.violate("duplicate", f"{recipient} was answered again after {second.time - first.time:.3f} s "
                                         f"though the client had acted on the 250; {after}")
    if len({mail.message_id for mail in mails}) > 1:
        verdict.violate("unmarked", f"{recipient} has answers with different Message-IDs")
    if not any(delivery.uncertainties > 0 for delivery in deliveries):
        verdict.violate("unmarked", f"{recipient} was answered {len(mails)} times, no delivery is marked uncertain")


# Forgeries: what is done to true evidence, and the rule that must then be broken (None: no rule is).

def forget_a_mail(evidence):
    evidence.ledger.pop()


def lose_a_mail_on_the_way(evidence):
    evidence.on_server.pop(max(evidence.on_server))


def report_a_mail_missing(evidence):
    evidence.report[0]["missing"] = [1]


def record_a_mail_twice(evidence):
    row = evidence.ledger[0]
    evidence.ledger.append(LedgerRow(row.uid_validity, row.uid, "quarantine"))


def take_a_copy_in(evidence):
    copies = Counter(evidence.on_server.values())
    uids = [uid for uid, message_id in evidence.on_server.items() if message_id and copies[message_id] > 1]
    for row in evidence.ledger:
        if row.uid in uids:
            row.outcome = "conversation"


def disown_a_mail(evidence):
    evidence.messages[0].owner = None


def store_a_mail_twice(evidence):
    evidence.messages.append(copy.copy(next(
        message for message in evidence.messages if re.match("case", message.sender))))


def answered_once(evidence):
    """A stored answer of which there is only one, and its delivery."""
    counts = Counter(mail.recipient for mail in evidence.stored)
    mail = next(mail for mail in evidence.stored if counts[mail.recipient] == 1 and mail.recipient.startswith("case"))
    return mail, next(delivery for delivery in evidence.deliveries if delivery.recipient == mail.recipient)


def answer_twice(evidence):
    mail, delivery = answered_once(evidence)
    mail.fate, delivery.uncertainties = "answered", 1
    evidence.stored.append(Stored(mail.time + 1, mail.recipient, mail.message_id, "answered"))


def answer_twice_after_a_cut(evidence):
    answer_twice(evidence)
    answered_first = evidence.stored[-1]
    next(mail for mail in evidence.stored if mail.message_id == answered_first.message_id).fate = "cut"


def answer_twice_unmarked(evidence):
    answer_twice_after_a_cut(evidence)
    repeated = evidence.stored[-1].recipient
    next(delivery for delivery in evidence.deliveries if delivery.recipient == repeated).uncertainties = 0


def answer_twice_anew(evidence):
    answer_twice_after_a_cut(evidence)
    evidence.stored[-1].message_id = "<another@perf.test>"


def answer_a_machine(evidence):
    machine = next(mail for mail in evidence.truth if mail.kind in AUTOMATIC)
    evidence.stored.append(Stored(1, machine.sender, "<to-a-machine@perf.test>", "answered"))


def never_answer(evidence):
    mail, delivery = answered_once(evidence)
    evidence.stored.remove(mail)
    delivery.state = "rejected"


def claim_an_answer(evidence):
    mail, delivery = answered_once(evidence)
    evidence.stored.remove(mail)
    delivery.state = "accepted"


def leave_an_answer(evidence):
    evidence.deliveries[0].state = "deferred"


def crash(evidence):
    evidence.crashes.append("ended with -11")


FORGERIES = {
    forget_a_mail: "lost", lose_a_mail_on_the_way: "lost", report_a_mail_missing: "lost",
    record_a_mail_twice: "outcome", take_a_copy_in: "outcome", disown_a_mail: "owner", store_a_mail_twice: "owner",
    answer_twice: "duplicate", answer_twice_after_a_cut: None, answer_twice_unmarked: "unmarked",
    answer_twice_anew: "unmarked", answer_a_machine: "machine", never_answer: "unanswered", claim_an_answer: "claimed",
    leave_an_answer: "undrained", crash: "crash"}


def missed_forgeries(evidence):
    """Names of the forgeries of this evidence, which must be true, that the judge does not judge rightly."""
    missed = [] if not judge(evidence).violations else ["none at all: the evidence itself is called wrong"]
    for forge, rule in FORGERIES.items():
        doctored = copy.deepcopy(evidence)
        forge(doctored)
        broken = {rule for rule, _ in judge(doctored).violations}
        if (rule not in broken) if rule else broken:
            missed.append(forge.__name__.replace("_", " "))
    return missed


def sample_evidence():
    """A small run without fault: three customers, one of them writing twice, a newsletter, a poisoned mail."""
    sender = lambda case: f"case{case}@customer.test"
    mid = lambda case: f"<{case}@customer.test>"
    return Evidence(
        truth=[Mail("zh_utf8", mid(1), sender(1), 1), Mail("en_utf8", mid(2), sender(2), 2),
               Mail("attach", mid(3), sender(3), 3), Mail("duplicate", mid(1), sender(1), 1),
               Mail("newsletter", mid(5), sender(5), 5), Mail("poison", "-", "-", 0)],
        on_server={1: mid(1), 2: mid(2), 3: mid(3), 4: mid(1), 5: mid(5), 6: None},
        report=[{"mailbox": "support", "folder": "INBOX", "server": 6, "ledger": 6, "missing": []}],
        ledger=[LedgerRow(1, uid, outcome) for uid, outcome in enumerate(
            ["conversation", "conversation", "conversation", "duplicate", "automatic", "quarantine"], start=1)],
        messages=[Message(mid(case), sender(case), 1) for case in (1, 2, 3, 5)],
        agents={1, 2},
        deliveries=[Delivery(sender(case), f"<re{case}@perf.test>", "accepted", 0) for case in (1, 2, 3)],
        stored=[Stored(case, sender(case), f"<re{case}@perf.test>", "answered") for case in (1, 2, 3)],
        kills=[2.5], crashes=[])
