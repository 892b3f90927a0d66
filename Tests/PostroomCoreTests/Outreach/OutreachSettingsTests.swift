import Testing

@testable import PostroomCore

@Suite("Settings of callbacks, greetings and promotions")
struct OutreachSettingsTests {
  private func home(outreach: String = "", callback: String = "") throws -> HomeFixture {
    try HomeFixture([
      HomeFixture.settings: (HomeFixture.files[HomeFixture.settings] ?? "") + outreach,
      HomeFixture.mailbox: (HomeFixture.files[HomeFixture.mailbox] ?? "") + callback,
    ])
  }

  @Test("callbacks are made after three days unless the mailbox says otherwise; greetings are not")
  func defaults() throws {
    let settings = try home().load().settings
    let callback = try #require(settings.mailboxes["support"]).callback
    #expect(callback == CallbackSettings())
    #expect(callback.isOn && callback.after == 3 * 86_400 && callback.channel == nil)
    #expect(settings.outreach == OutreachSettings())
    #expect(try home(callback: "callback: off\n").load().settings.mailboxes["support"]?.callback.isOn == false)
  }

  @Test("all of it is read")
  func complete() throws {
    let settings = try home(
      outreach: """
        outreach:
          mail: out
          mailbox: support
          greetings: { birthday: on, festivals: [spring-festival, mid-autumn] }

        """, callback: "callback: { after: 1d, channel: mail, gateway: out, hours: \"14:00-16:00\" }\n"
    ).load().settings
    #expect(settings.outreach.mailbox == "support" && settings.outreach.mail == "out")
    #expect(settings.outreach.greetsBirthdays)
    #expect(settings.outreach.festivals == [.springFestival, .midAutumn])
    let callback = try #require(settings.mailboxes["support"]).callback
    #expect(callback.after == 86_400 && callback.channel == .mail && callback.gateway == "out")
    #expect(callback.hours == WorkCalendar.Hours(opens: 14 * 3600, closes: 16 * 3600))
  }

  @Test("a check warns when nobody here would hear that a customer refuses by SMS")
  func optOutGap() throws {
    var settings = try home().load().settings
    #expect(settings.optOutGap == nil)
    try settings.addOutreach()
    #expect(settings.optOutGap?.message.hasSuffix("without `inbound` in this file and `http` in postroom.yaml") == true)
    let check = CheckRecipe(scheme: .pathToken)
    let inbound = InboundRecipe(source: EventSource(format: .query))
    settings.gateways["sms"]?.webhooks = WebhookRecipe(check: check, inbound: inbound)
    #expect(settings.optOutGap?.message.hasSuffix("without `http` in postroom.yaml") == true)
    settings.http = HTTPSettings(listen: .init(host: "127.0.0.1", port: 0))
    #expect(settings.optOutGap == nil)
  }

  @Test("faults are told with file, line and what was meant")
  func faults() throws {
    let complaints = try home(
      outreach: """
        outreach:
          sms: out
          mailbox: suport
          greetings: { festivals: [lantern, midautumn], birthdays: on }

        """, callback: "callback: { gateway: out, hours: morning, after: 10m }\n"
    ).complaints()
    for part in [
      "`sms` names \"out\", which is not in the SMS gateways", "did you mean support?",
      "\"midautumn\" is no festival", "did you mean mid-autumn?", "`outreach.greetings.birthdays` is not known here",
      "`gateway` names \"out\", which is not in the SMS gateways", "`callback.hours` must look like",
      "`callback.after` is \"10m\"",
    ] {
      #expect(complaints.contains { $0.contains(part) }, "\(part)")
    }
    #expect(complaints.allSatisfy { $0.contains(".yaml:") })
  }

  @Test("greetings without a way out are a fault")
  func noWay() throws {
    let complaints = try home(outreach: "outreach: { greetings: { birthday: on } }\n").complaints()
    #expect(complaints.contains { $0.contains("there is no way out for them") })
    let mailOnly = try home(outreach: "outreach: { mail: out }\n").complaints()
    #expect(mailOnly.contains { $0.contains("needs `outreach.mailbox`") })
  }
}
