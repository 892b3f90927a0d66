/// First in, first out, without moving the rest at each step.
struct Queue<Element> {
  private var elements: [Element?] = []
  private var head = 0

  var count: Int { elements.count - head }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func prepend(_ element: Element) {
    if head > 0 {
      head -= 1
      elements[head] = element
    } else {
      elements.insert(element, at: 0)
    }
  }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let first = elements[head]
    elements[head] = nil
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: head < 1024)
      head = 0
    } else if head >= 1024, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return first
  }

  /// Takes out the first element that fits; false when there is none.
  mutating func remove(where fits: (Element) -> Bool) -> Bool {
    guard let index = elements[head...].firstIndex(where: { $0.map(fits) == true }) else { return false }
    elements.remove(at: index)
    return true
  }

  mutating func popAll() -> [Element] {
    defer { self = Queue() }
    return elements[head...].compactMap { $0 }
  }
}
