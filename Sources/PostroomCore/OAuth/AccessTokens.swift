internal import CurlClient
internal import Synchronization

/// The sources of access tokens of a house: sections that name the same refresh token share one.
package final class AccessTokens: Sendable {
  private struct State {
    /// Its thread is begun with the first token: most houses need none. Not the engine that mail goes through, whose
    /// end must not cut an exchange short.
    var engine: CurlEngine?
    var sources: [OAuthSettings: AccessTokenSource] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  package func source(_ settings: OAuthSettings) -> AccessTokenSource {
    // Two names for one consent.
    var key = settings
    key.name = ""
    key.account = ""
    return state.withLock { state in
      if let known = state.sources[key] { return known }
      let engine = state.engine ?? CurlEngine()
      state.engine = engine
      let source = AccessTokenSource(settings, engine: engine)
      state.sources[key] = source
      return source
    }
  }
}
