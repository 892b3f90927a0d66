// swift-tools-version:6.2
import PackageDescription

/// Language settings of every target; `POSTROOM_STRICT=1` (CI and `make test`) turns warnings into errors.
let settings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ] + (Context.environment["POSTROOM_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : [])

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
  name: "postroom",
  products: [.executable(name: "postroom", targets: ["postroom"])],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // C libraries from Debian.
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .systemLibrary(name: "CEtpan"),
    .systemLibrary(name: "CGumbo"),
    .systemLibrary(name: "CSQLite"),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq"),

    // Tools: they know nothing of Postroom.
    library("MailFormat"),
    library("HTMLContent", ["CGumbo"]),
    library("IMAPClient", ["CCurl", "CEtpan"]),
    library("CurlClient", ["CCurl"]),
    library("SQLAccess", [.product(name: "GRDB", package: "GRDB.swift"), "CPostgres", "CSQLite"]),
    .target(name: "CColdStart", exclude: ["cold-start.model", "spam.model"]),
    library("TextClassifier", ["CColdStart"]),

    // The product.
    library(
      "PostroomCore",
      [
        "MailFormat", "HTMLContent", "IMAPClient", "CurlClient", "SQLAccess", "TextClassifier",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "Yams", package: "Yams"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    library(
      "PostroomWeb",
      [
        "PostroomCore",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "postroom",
      dependencies: [
        "PostroomCore", "PostroomWeb",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),

    // Measure the HTTP client, the readers of mail and the classifier; `script/bench http`, `read`, `classify` run them.
    .executableTarget(
      name: "http-bench", dependencies: ["CurlClient"], path: "Benchmarks/SendHTTP", swiftSettings: settings),
    .executableTarget(
      name: "read-bench", dependencies: ["MailFormat", "HTMLContent"], path: "Benchmarks/ReadMail",
      swiftSettings: settings),
    .executableTarget(
      name: "classify-bench", dependencies: ["TextClassifier"], path: "Benchmarks/ClassifyText",
      swiftSettings: settings),

    tests("MailFormatTests", ["MailFormat"]),
    tests("HTMLContentTests", ["HTMLContent"]),
    tests("IMAPClientTests", ["IMAPClient"]),
    tests("CurlClientTests", ["CurlClient"]),
    tests("SQLAccessTests", ["SQLAccess"]),
    tests("TextClassifierTests", ["TextClassifier"]),
    tests("PostroomCoreTests", ["PostroomCore"], resources: [.copy("Fixtures")]),
    tests("PostroomWebTests", ["PostroomWeb", "SQLAccess"]),
    tests("IntegrationTests", ["postroom", "PostroomCore", "SQLAccess"]),
  ],
  swiftLanguageModes: [.v6]
)
