internal import Glibc

/// How many files the system lets this program have open; each connection is one.
package enum OpenFiles {
  private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

  /// 1,024 when the system does not say.
  static var limit: Int {
    var limit = rlimit()
    return getrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 1024
  }

  /// Asks for 65,536, or as many as may be had. A program that does not ask is mostly allowed 1,024.
  package static func raiseLimit() {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 65_536))
    setrlimit(resource, &limit)
  }
}
