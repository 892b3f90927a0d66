internal import Foundation

/// When a consent was used last and when it ends.
package struct OAuthConsent: Sendable, Equatable, Codable {
  package var usedAt: Instant
  /// What the provider said; nil when it said nothing.
  package var endsAt: Instant?

  package init(usedAt: Instant, endsAt: Instant? = nil) {
    self.usedAt = usedAt
    self.endsAt = endsAt
  }

  /// The end that is known: the provider's word, or what follows from not being used.
  package func end(of settings: OAuthSettings) -> Instant? {
    endsAt ?? settings.idleLimit.map { usedAt.adding($0) }
  }

  /// A sentence when the consent ends within 7 days.
  package func warning(of settings: OAuthSettings, now: Instant) -> String? {
    guard let end = end(of: settings), end <= now.adding(7 * 86_400) else { return nil }
    // A client that Google lists as "testing" is never given more than 7 days.
    let isTesting = settings.provider == .google && endsAt != nil
    return "the consent of \(settings.account) \(end <= now ? "ended" : "ends") on \(end.iso8601.prefix(10))"
      + (isTesting ? " (Google ends it every 7 days while the client's publishing status is Testing)" : "")
  }
}

/// The file of a refresh token. Beside it, `.lock` and `.consent`.
struct TokenFile: Sendable {
  /// Changes whenever somebody writes the file.
  struct Stamp: Sendable, Equatable {
    var inode: UInt64
    var seconds: Int
    var nanoseconds: Int
  }

  let path: String
  private let settings: OAuthSettings

  /// A link is followed, so that renaming replaces what it leads to.
  init(_ settings: OAuthSettings) {
    self.settings = settings
    path = URL(fileURLWithPath: settings.tokenFile).resolvingSymlinksInPath().path
  }

  var lockPath: String { path + ".lock" }
  private var consentPath: String { path + ".consent" }

  var stamp: Stamp? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Stamp(inode: UInt64(status.st_ino), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  func read() throws(OAuthFault) -> Secret {
    if !FileManager.default.fileExists(atPath: path) {
      throw OAuthFault(.consentEnded, "nobody has logged in yet", advice: settings.loginAdvice)
    }
    do { return Secret(try SecretSource.tokenFile(path).read()) } catch { throw OAuthFault(.storage, "\(error)") }
  }

  func write(_ token: Secret) throws(OAuthFault) { try Draft(path).commit(token.bytes) }

  /// What is known of the consent; nil when nothing is.
  var consent: OAuthConsent? {
    FileManager.default.contents(atPath: consentPath).flatMap { try? JSONDecoder().decode(OAuthConsent.self, from: $0) }
  }

  /// Notes what a grant tells of the consent. Only a warning depends on it, so nothing fails with it.
  func note(_ grant: TokenGrant, now: Instant) {
    // A date that was told holds on while the token stays the same.
    let known = grant.refreshToken == nil ? consent?.endsAt : nil
    let consent = OAuthConsent(usedAt: now, endsAt: grant.refreshLifetime.map { now.adding($0) } ?? known)
    if let bytes = try? JSONEncoder().encode(consent) { try? Draft(consentPath).commit(Array(bytes)) }
  }

  /// What will take a file's place. It has its room on the disk before the provider is asked: a full one must be found
  /// while the old token still holds.
  final class Draft {
    private let path: String
    private let descriptor: Int32
    private static let room = 20 << 10
    private var temporary: String { path + ".new" }

    init(_ path: String) throws(OAuthFault) {
      self.path = path
      descriptor = try PrivateFile.open(path + ".new", O_WRONLY | O_TRUNC)
      errno = posix_fallocate(descriptor, 0, off_t(Self.room))
      guard errno == 0 else { throw PrivateFile.fault(path) }
    }

    deinit {
      unlink(temporary)
      Glibc.close(descriptor)
    }

    /// The new contents are on the disk before they take the old ones' place.
    func commit(_ bytes: [UInt8]) throws(OAuthFault) {
      let line = bytes + [0x0A]
      guard pwrite(descriptor, line, line.count, 0) == line.count, ftruncate(descriptor, off_t(line.count)) == 0,
        fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0, rename(temporary, path) == 0
      else { throw PrivateFile.fault(path) }
      let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
      if folder >= 0 {
        fsync(folder)
        Glibc.close(folder)
      }
    }
  }
}
