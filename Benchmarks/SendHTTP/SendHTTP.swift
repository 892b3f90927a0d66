import CurlClient
import Foundation

/// Posts short messages to a server on this machine; prints `RATE x`, requests answered a second.
///
///     http-bench PORT COUNT CONNECTIONS
@main
enum SendHTTP {
  static func main() async throws {
    let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard numbers.count == 3 else {
      print("usage: http-bench PORT COUNT CONNECTIONS")
      exit(64)
    }
    let (port, count, connections) = (numbers[0], numbers[1], numbers[2])
    let engine = CurlEngine()
    var settings = HTTPClient.Settings()
    settings.maxConnectionsPerHost = connections
    let client = HTTPClient(engine: engine, settings: settings)
    let start = ContinuousClock.now
    let answered = await withTaskGroup(of: Int.self) { group in
      for sender in 0..<connections {
        group.addTask {
          var answered = 0
          for number in stride(from: sender, to: count, by: connections) {
            if case .answered(let response) = await client.send(request(number, port: port)), response.status == 200 {
              answered += 1
            }
          }
          return answered
        }
      }
      var sum = 0
      for await answered in group { sum += answered }
      return sum
    }
    let time = start.duration(to: .now).components
    await engine.shutdown()
    guard answered == count else {
      print("only \(answered) of \(count) requests were answered")
      exit(1)
    }
    print("RATE \(Double(count) / (Double(time.seconds) + Double(time.attoseconds) / 1e18))")
  }

  private static func request(_ number: Int, port: Int) -> HTTPRequest {
    let body =
      "to=%2B8613\(100_000_000 + number)&text=%E6%82%A8%E7%9A%84%E8%AE%A2%E5%8D%95\(number)%E5%B7%B2%E5%8F%91%E8%B4%A7"
    var request = HTTPRequest(
      "POST", "http://127.0.0.1:\(port)/send", fields: ["Content-Type": "application/x-www-form-urlencoded"],
      body: Array(body.utf8))
    request.mayBePlain = true
    request.mayReachPrivateAddresses = true
    return request
  }
}
