import CEtpan

/// One libetpan session over one stream: commands go out as text, answers come back through libetpan's parser.
/// Belongs to one thread.
final class IMAPConnection {
  let stream: IMAPStream
  private let imap: UnsafeMutablePointer<mailimap>
  private let name: String
  /// What no message may contain.
  var secrets: [String] = []

  /// Takes the greeting of a connected stream. Throws `IMAPError`.
  init(_ stream: IMAPStream, name: String) throws {
    guard let imap = mailimap_new(0, nil) else {
      throw IMAPError(kind: .connect, message: "\(name): no memory for a session.")
    }
    guard let mailstream = stream.makeMailstream() else {
      mailimap_free(imap)
      throw IMAPError(kind: .connect, message: "\(name): no memory for a session.")
    }
    self.stream = stream
    self.imap = imap
    self.name = name
    // Within one call libetpan may try on after an answer that it cannot parse; the stream must be dead by then.
    mailimap_set_logger(
      imap,
      { _, type, _, _, context in
        guard Int(type) == MAILSTREAM_LOG_TYPE_ERROR_PARSE, let context else { return }
        Unmanaged<IMAPStream>.fromOpaque(context).takeUnretainedValue().end(.unparsable)
      }, Unmanaged.passUnretained(stream).toOpaque())
    let code = Int(mailimap_connect(imap, mailstream))
    if code == MAILIMAP_NO_ERROR_AUTHENTICATED {
      stream.end(.unparsable)
      throw error(.protocolViolation, "the server says PREAUTH instead of asking who we are; this is refused")
    }
    if code == MAILIMAP_ERROR_DONT_ACCEPT_CONNECTION {
      stream.end(.closed)
      throw error(.closed, "the server accepts no connections now")
    }
    try check(code)
  }

  /// Frees the session without a word to the server.
  deinit {
    stream.end(.closed)
    mailimap_free(imap)
  }

  /// An error that names the server.
  func error(_ kind: IMAPError.Kind, _ text: String) -> IMAPError {
    IMAPError(kind: kind, message: "\(name): \(presentable(text, hiding: secrets)).")
  }

  /// The text of the last tagged answer.
  var answer: String {
    imap.pointee.imap_response.map { presentable(String(cString: $0), hiding: secrets) } ?? ""
  }

  /// The response code of the last tagged answer that libetpan gives no meaning to, such as UNAVAILABLE (RFC 5530).
  var responseCode: String {
    imap.pointee.imap_response_info?.pointee.rsp_atom.map { String(cString: $0).uppercased() } ?? ""
  }

  /// What `CAPABILITY` or a response code said last, in upper case.
  var capabilities: Set<String> {
    let list = imap.pointee.imap_connection_info?.pointee.imap_capability?.pointee.cap_list
    return Set(
      elements(of: list, as: mailimap_capability.self).compactMap { item in
        let isMechanism = Int(item.pointee.cap_type) == MAILIMAP_CAPABILITY_AUTH_TYPE
        let text = isMechanism ? item.pointee.cap_data.cap_auth_type : item.pointee.cap_data.cap_name
        return text.map { (isMechanism ? "AUTH=" : "") + String(cString: $0).uppercased() }
      })
  }

  /// The selected folder as the server has told of it until now; nil: none.
  var selection: FolderStatus? {
    imap.pointee.imap_selection_info.map { info in
      FolderStatus(
        uidValidity: info.pointee.sel_uidvalidity, uidNext: info.pointee.sel_uidnext,
        exists: Int(info.pointee.sel_exists))
    }
  }

  // MARK: Commands

  /// Sends a command that has one line, and takes the whole answer. Throws `refused` for NO.
  /// (libetpan's own way, `mailimap_custom_command`, adds a space that strict servers refuse.)
  func run(_ text: String) throws {
    try check(Int(mailimap_send_current_tag(imap)))
    try send(text)
    guard mailimap_read_line(imap) != nil else { return try check(MAILIMAP_ERROR_STREAM) }
    try finish()
  }

  /// SELECT. Throws `noFolder` for NO.
  func select(_ folder: String) throws {
    imap.pointee.imap_state = CInt(MAILIMAP_STATE_AUTHENTICATED)
    try check(Int(mailimap_select(imap, folder)))
  }

  /// LOGIN. Throws `refused` for NO.
  func logIn(user: String, password: String) throws {
    try check(Int(mailimap_login(imap, user, password)))
  }

  /// Says LOGOUT if the stream still lives, and ends it.
  func logOut() {
    guard stream.fault == nil else { return }
    stream.commandTimeout = .seconds(3)
    _ = try? run("LOGOUT")
    stream.end(.closed)
  }

  /// Sends a command that the server answers by a continuation request, and waits for that.
  /// `untagged` sees the lines before it. False: the server completed the command at once, with OK.
  func begin(_ text: String, untagged: (Substring) -> Void = { _ in }) throws -> Bool {
    try check(Int(mailimap_send_current_tag(imap)))
    try send(text)
    while true {
      let line = try readLine()
      if line.hasPrefix("+") { return true }
      guard line.hasPrefix("*") else { break }
      untagged(line)
    }
    try finish()
    return false
  }

  /// Sends one line within a command.
  func send(_ line: String) throws {
    let text = line + "\r\n"
    let count = text.utf8.count
    guard mailstream_write(imap.pointee.imap_stream, text, count) == count,
      mailstream_flush(imap.pointee.imap_stream) == 0
    else { return try check(MAILIMAP_ERROR_STREAM) }
  }

  /// The next line of the server, for the places where libetpan's parser has no say.
  func readLine() throws -> Substring {
    guard let line = mailimap_read_line(imap) else {
      try check(MAILIMAP_ERROR_STREAM)
      return ""
    }
    return String(cString: line).prefix { !$0.isNewline }
  }

  /// Takes the rest of the answer to a command of which `readLine` has just read a line.
  func finish() throws {
    var response: UnsafeMutablePointer<mailimap_response>?
    let code = Int(mailimap_parse_response(imap, &response))
    guard code == MAILIMAP_NO_ERROR, let response else { return try check(code) }
    defer { mailimap_response_free(response) }
    let state = response.pointee.rsp_resp_done?.pointee.rsp_data.rsp_tagged?.pointee.rsp_cond_state
    if state.map({ Int($0.pointee.rsp_type) }) != MAILIMAP_RESP_COND_STATE_OK {
      throw error(.refused, "the server refuses: \(answer)")
    }
  }

  /// Tells libetpan how many messages there are, when it could not see the server say so.
  func note(exists: Int) {
    imap.pointee.imap_selection_info?.pointee.sel_exists = UInt32(clamping: exists)
  }

  /// What the server answers to a FETCH or UID FETCH command.
  func fetch(_ command: String) throws -> [FetchedItem] {
    do {
      try run(command)
    } catch let error as IMAPError where error.kind == .refused {
      // A server may say NO because of messages that another client has expunged (RFC 2180 §4.1.2); it tells which
      // they are with the answer to NOOP.
      try run("NOOP")
      try run(command)
    }
    guard let info = imap.pointee.imap_response_info, let list = info.pointee.rsp_fetch_list else { return [] }
    info.pointee.rsp_fetch_list = nil
    defer { mailimap_fetch_list_free(list) }
    return elements(of: list, as: mailimap_msg_att.self).map { FetchedItem($0.pointee) }
  }

  // MARK: Result codes

  private func check(_ code: Int) throws {
    switch code {
    case MAILIMAP_NO_ERROR, MAILIMAP_NO_ERROR_AUTHENTICATED, MAILIMAP_NO_ERROR_NON_AUTHENTICATED:
      return
    case MAILIMAP_ERROR_LOGIN:
      throw error(.refused, "the server refuses: \(answer)")
    case MAILIMAP_ERROR_SELECT:
      throw error(.noFolder, "the folder cannot be opened: \(answer)")
    case MAILIMAP_ERROR_PROTOCOL:
      stream.end(.unparsable)
      throw error(.protocolViolation, "the server does not understand us: \(answer)")
    default:
      // Parser and server may be out of step: nothing more may be read.
      stream.end(code == MAILIMAP_ERROR_STREAM ? .closed : .unparsable)
      throw faultError()
    }
  }

  /// The error of the stream's fault.
  func faultError() -> IMAPError {
    switch stream.fault {
    case .closed, .transport, nil: error(.closed, "the connection ended before the answer was complete")
    case .readTimeout: error(.timeout, "the server is silent")
    case .commandTimeout: error(.timeout, "the server takes too long for one command")
    case .cancelled: error(.cancelled, "cancelled")
    case .unparsable: error(.protocolViolation, "the server's answer cannot be understood")
    case .refused(let reason): error(.protocolViolation, "the server's answer is refused: \(reason.sentence)")
    }
  }
}

extension ResponseScanner.Fault {
  /// What was wrong, for people.
  var sentence: String {
    switch self {
    case .line: "a line is too long"
    case .nesting: "parentheses are nested too deeply"
    case .literal: "a literal is too large"
    case .lines: "too many lines for one command"
    case .bytes: "too many bytes for one command"
    case .malformed: "a line is not well-formed IMAP"
    case .unexpected: "it is of a kind that was not asked for"
    }
  }
}

/// The elements of one of libetpan's lists.
func elements<Element>(
  of list: UnsafeMutablePointer<clist>?, as type: Element.Type
) -> [UnsafeMutablePointer<Element>] {
  var result: [UnsafeMutablePointer<Element>] = []
  var cell = list?.pointee.first
  while let current = cell {
    if let data = current.pointee.data { result.append(data.assumingMemoryBound(to: Element.self)) }
    cell = current.pointee.next
  }
  return result
}
