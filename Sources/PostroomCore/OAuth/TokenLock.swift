internal import Foundation

/// Makes one process at a time the one that uses a refresh token: a provider that gives another with each use takes the
/// former one for stolen. The system releases the lock when the process ends, however it ends.
final class TokenLock: Sendable {
  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { Glibc.close(descriptor) }

  /// Longer than any exchange with a provider takes.
  private static let patience = Duration.seconds(60)

  /// Waits for the other process without holding a thread.
  static func taken(at path: String) async throws(OAuthFault) -> TokenLock {
    let descriptor: Int32
    do { descriptor = try PrivateFile.open(path, O_RDWR) } catch { throw error }
    let lock = TokenLock(descriptor)
    let deadline = ContinuousClock.now + patience
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard ContinuousClock.now < deadline else {
        throw OAuthFault(.storage, "another process has been using the refresh token for a minute (it holds \(path))")
      }
      // A cancelled task must not spin.
      if (try? await Task.sleep(for: .milliseconds(50))) == nil {
        throw OAuthFault(.unavailable, "the program is ending")
      }
    }
    return lock
  }
}

/// Files for the eyes of one user.
enum PrivateFile {
  /// Opens a file, made with mode 0600 if need be. What root makes belongs to the folder's owner: the service, which runs
  /// as another user, must be able to go on with it.
  static func open(_ path: String, _ flags: Int32) throws(OAuthFault) -> Int32 {
    let descriptor = Glibc.open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw fault(path) }
    if let owner = owner(for: path) { _ = fchown(descriptor, owner.user, owner.group) }
    return descriptor
  }

  /// Makes the folder of a file, when only that is missing.
  static func makeFolder(of path: String) throws(OAuthFault) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    if mkdir(folder, 0o700) == 0 {
      if let owner = owner(for: folder) { chown(folder, owner.user, owner.group) }
    } else if errno != EEXIST {
      throw fault(folder)
    }
  }

  private static func owner(for path: String) -> (user: uid_t, group: gid_t)? {
    var folder = stat()
    guard geteuid() == 0, stat(URL(fileURLWithPath: path).deletingLastPathComponent().path, &folder) == 0 else {
      return nil
    }
    return (folder.st_uid, folder.st_gid)
  }

  static func fault(_ path: String) -> OAuthFault {
    OAuthFault(
      .storage, "\(path) cannot be written: \(String(cString: strerror(errno)))",
      advice: "the folder must belong to the user whom postroom runs as")
  }
}
