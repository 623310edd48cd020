package io.github.multiprom.statsd;

import java.util.List;

/**
 * Counts what datagrams say. Thread-safe: its monitor guards all that is below it.
 *
 * <p>A line is {@code name:value|type}, with {@code |@rate}, {@code |#tags} and other components
 * behind it. Values may be packed, {@code 1:2:3|d}; without tags samples may follow one another,
 * {@code 1|c:2|c}.
 */
/* Mechanism: the bytes of name, type and tags are looked up as they are. So a line that came before
 * makes no object: what it means, and whether it is refused, was found out the first time. */
final class DatagramReader {
  private static final int MAX_KEYS = 100_000;
  private static final long MAX_KEY_BYTES = 32 << 20;

  /** So many series are removed before a datagram that waits is read. */
  private static final int REMOVALS_AT_A_TIME = 200;

  private final SeriesTable table;
  private final LineResolver resolver;
  private final BridgeMetrics metrics;
  private final RawKeys keys = new RawKeys(MAX_KEYS, MAX_KEY_BYTES);
  private final RawKey raw = new RawKey();

  // Of the line that is read.
  private byte[] bytes;
  private int lineEnd;
  private double rate;
  private long nowNanos;

  DatagramReader(SeriesTable table, Mapping mapping, BridgeMetrics metrics) {
    this.table = table;
    this.metrics = metrics;
    resolver = new LineResolver(table, mapping);
  }

  /** Goes on with another mapping. Series that are there stay. */
  synchronized void use(Mapping mapping) {
    resolver.use(mapping);
    keys.clear();
  }

  /**
   * Counts a datagram.
   *
   * @param isCut whether it was longer
   */
  synchronized void read(byte[] datagram, int length, boolean isCut) {
    bytes = datagram;
    raw.bytes = datagram;
    nowNanos = System.nanoTime();
    int lines = 0;
    int start = 0;
    for (int end = indexOf('\n', 0, length); ; end = indexOf('\n', start, length)) {
      if (end == length && isCut) {
        metrics.refuse(Refusal.CUT);
      } else if (end > start) {
        lines++;
        readLine(start, bytes[end - 1] == '\r' ? end - 1 : end);
      }
      if (end == length) {
        break;
      }
      start = end + 1;
    }
    metrics.count(lines);
  }

  private int indexOf(char sought, int start, int end) {
    int at = start;
    while (at < end && bytes[at] != sought) {
      at++;
    }
    return at;
  }

  private void readLine(int start, int end) {
    int colon = indexOf(':', start, end);
    if (isEvent(start, end)) {
      metrics.passOver(PassedOver.EVENT);
    } else if (isServiceCheck(start, end)) {
      metrics.passOver(PassedOver.SERVICE_CHECK);
    } else if (colon == end || colon == start) {
      if (end > start) {
        metrics.refuse(Refusal.MALFORMED_LINE);
      }
    } else {
      lineEnd = end;
      raw.nameStart = start;
      raw.nameEnd = colon;
      findTags(colon + 1);
      int at = colon + 1;
      while (at <= end) {
        at = readSample(at);
      }
    }
  }

  private boolean isEvent(int start, int end) {
    return end - start > 2
        && bytes[start] == '_'
        && bytes[start + 1] == 'e'
        && bytes[start + 2] == '{';
  }

  private boolean isServiceCheck(int start, int end) {
    return end - start > 3
        && bytes[start] == '_'
        && bytes[start + 1] == 's'
        && bytes[start + 2] == 'c'
        && bytes[start + 3] == '|';
  }

  /** Tags come last, and stand before the samples in the key. */
  private void findTags(int start) {
    raw.tagsStart = RawKey.NONE;
    raw.tagsEnd = RawKey.NONE;
    for (int i = start; i < lineEnd - 1; i++) {
      if (bytes[i] == '|' && bytes[i + 1] == '#') {
        raw.tagsStart = i + 2;
        raw.tagsEnd = indexOf('|', i + 2, lineEnd);
        return;
      }
    }
  }

  /** Counts a sample; returns where the next one begins, behind the end if there is none. */
  private int readSample(int start) {
    int bar = indexOf('|', start, lineEnd);
    if (bar >= lineEnd - 1) {
      return refuse(Refusal.MISSING_TYPE);
    }
    raw.typeStart = bar + 1;
    raw.typeEnd = endOfPart(bar + 1);
    if (raw.typeStart == raw.typeEnd) {
      return refuse(Refusal.MALFORMED_COMPONENT);
    }
    rate = 1;
    int at = raw.typeEnd;
    while (at < lineEnd && bytes[at] == '|') {
      at = readComponent(at + 1);
    }
    if (at <= lineEnd) {
      take(start, bar);
    }
    return at + 1;
  }

  /** Refuses the rest of the line. */
  private int refuse(Refusal refusal) {
    metrics.refuse(refusal);
    return lineEnd + 1;
  }

  /** Reads a component; returns its end, behind that of the line if the sample is refused. */
  private int readComponent(int start) {
    int end = indexOf('|', start, lineEnd);
    if (end == start) {
      return refuse(Refusal.MALFORMED_COMPONENT);
    }
    switch (bytes[start]) {
      case '@' -> {
        end = endOfPart(start);
        rate = Numbers.parse(bytes, start + 1, end);
        if (!(rate > 0 && rate <= 1)) {
          return refuse(Refusal.SAMPLE_RATE);
        }
      }
      case '#' -> {
        if (start != raw.tagsStart - 1) {
          return refuse(Refusal.MALFORMED_COMPONENT);
        }
      }
      // A timestamp; a container.
      case 'T' -> {}
      default -> {
        if (bytes[start] != 'c' || start + 1 == end || bytes[start + 1] != ':') {
          metrics.passOver(PassedOver.COMPONENT);
        }
      }
    }
    return end;
  }

  /** The end of a type or rate, behind which another sample may follow in a line without tags. */
  private int endOfPart(int start) {
    int at = start;
    while (at < lineEnd && bytes[at] != '|' && (bytes[at] != ':' || raw.tagsStart != RawKey.NONE)) {
      at++;
    }
    return at;
  }

  private boolean isSet() {
    return raw.typeEnd - raw.typeStart == 1 && bytes[raw.typeStart] == 's';
  }

  private void take(int start, int end) {
    long hash = raw.hash();
    Target target = keys.find(raw, hash);
    if (target == null || target.isOutdated(table.removals())) {
      // No series comes into being by what is no number. A set has members of any text.
      if (!isSet() && !isNumber(start, indexOf(':', start, end))) {
        metrics.refuse(Refusal.MALFORMED_VALUE);
        return;
      }
      Target found = target == null ? new Target(raw, hash) : target;
      resolver.resolve(raw, found);
      if (target == null) {
        keys.add(found);
      }
      target = found;
    }
    if (target.tagErrors > 0) {
      metrics.tagErrors(target.tagErrors);
    }
    if (target.series == null) {
      if (target.refusal != null) {
        metrics.refuse(target.refusal);
      } else {
        metrics.passOver(target.passedOver);
      }
      return;
    }
    target.series.lastNanos = nowNanos;
    int at = start;
    while (at <= end) {
      int next = indexOf(':', at, end);
      Refusal refusal = take(target, at, next);
      if (refusal == null) {
        metrics.took(target.type, target.unmapped);
      } else {
        metrics.refuse(refusal);
      }
      at = next + 1;
    }
  }

  private boolean isNumber(int start, int end) {
    return !Double.isNaN(Numbers.parse(bytes, start, end)) || Numbers.isNan(bytes, start, end);
  }

  private Refusal take(Target target, int start, int end) {
    double value = Numbers.parse(bytes, start, end);
    if (Double.isNaN(value) && !Numbers.isNan(bytes, start, end)) {
      return Refusal.MALFORMED_VALUE;
    }
    if (Double.isNaN(value) && target.type != StatsdType.GAUGE) {
      return Refusal.NOT_FINITE;
    }
    boolean signed = bytes[start] == '+' || bytes[start] == '-';
    return target.series.take(value / target.divisor * target.scale, rate, signed);
  }

  /** Removes the series that took nothing for as long as they may. */
  void removeIdle() {
    List<BridgedSeries> idle;
    synchronized (this) {
      long now = System.nanoTime();
      idle = table.all().stream().filter(series -> isIdle(series, now)).toList();
    }
    for (int i = 0; i < idle.size(); i += REMOVALS_AT_A_TIME) {
      remove(idle.subList(i, Math.min(idle.size(), i + REMOVALS_AT_A_TIME)));
    }
    if (!idle.isEmpty()) {
      synchronized (this) {
        keys.removeGone();
      }
    }
  }

  private static boolean isIdle(BridgedSeries series, long now) {
    return series.ttlNanos > 0 && now - series.lastNanos > series.ttlNanos;
  }

  private synchronized void remove(List<BridgedSeries> idle) {
    long now = System.nanoTime();
    for (BridgedSeries series : idle) {
      // It may have been counted in meanwhile.
      if (isIdle(series, now)) {
        table.remove(series);
      }
    }
  }

  /** Tells how much there is by now. */
  synchronized void report() {
    metrics.report(table.seriesCount(), table.familyCount(), keys.count(), keys.clears());
  }
}
