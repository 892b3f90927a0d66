import CCurl
import Glibc

/// A libcurl easy handle; every option of it is set through here.
typealias EasyHandle = UnsafeMutableRawPointer

/// Something libcurl works on in the background of the engine's loop. Everything happens on the engine's thread.
protocol Transfer: AnyObject {
  /// Set up and ready to be added to the loop.
  var handle: EasyHandle { get }
  /// Called once when libcurl is done with the handle, which is still part of the loop then.
  func ended(_ code: CURLcode)
}

extension EasyHandle {
  func set(_ option: CURLoption, _ value: Int) { _ = ccurl_set_long(self, option, value) }
  func set(_ option: CURLoption, _ value: String) { _ = ccurl_set_string(self, option, value) }
}

extension EasyHandle {
  /// What holds for every connection: checked certificates, nothing from the environment, no waiting in the loop.
  func configureConnection(proxy: String?, caFile: String?) {
    // Unset, they would be taken from the environment.
    set(CURLOPT_PROXY, proxy ?? "")
    set(CURLOPT_NOPROXY, "")
    set(CURLOPT_NOSIGNAL, 1)
    // Else giving up on a name lookup waits, with the loop, for the resolver's end.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    if let caFile { set(CURLOPT_CAINFO, caFile) }
  }
}

/// Where libcurl says more about an error than its number does (CURLOPT_ERRORBUFFER).
final class TroubleText {
  let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  init() { buffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE)) }

  deinit { buffer.deallocate() }

  func clear() { buffer.pointee = 0 }

  /// What libcurl says of the error, or of its number when it says nothing.
  func words(_ code: CURLcode) -> String {
    String(cString: buffer.pointee == 0 ? UnsafePointer(curl_easy_strerror(code)) : UnsafePointer(buffer))
  }
}

/// Nanoseconds of the monotonic clock.
func monotonicNow() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// The monotonic time `milliseconds` after `now`; negative ones count as 0, and a year is as good as forever.
func deadline(_ milliseconds: Int, after now: UInt64) -> UInt64 {
  now + UInt64(min(max(milliseconds, 0), 365 * 86_400_000)) * 1_000_000
}
