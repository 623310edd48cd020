package io.github.multiprom.statsd;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds out what lines count in, by their names, types and tags and by the mapping. Guarded by the
 * {@link DatagramReader}.
 */
final class LineResolver {
  private static final int MAX_NAME_LENGTH = 1024;
  private static final int MAX_LABELS = 64;
  private static final int MAX_LABEL_NAMES_LENGTH = 4096;
  private static final double MILLISECONDS_PER_SECOND = 1000;

  private static final String DEFAULT_HELP = "From statsd.";
  private static final String OWN_PREFIX = "multiprom_";
  private static final String TOTAL_SUFFIX = "_total";
  private static final String SET = "s";

  private final SeriesTable table;
  private Mapping mapping;

  LineResolver(SeriesTable table, Mapping mapping) {
    this.table = table;
    this.mapping = mapping;
  }

  /** Goes on with another mapping. */
  void use(Mapping other) {
    mapping = other;
  }

  /** Finds the target of a line. */
  void resolve(RawKey raw, Target target) {
    target.series = null;
    target.refusal = null;
    target.passedOver = null;
    target.divisor = 1;
    target.scale = 1;
    try {
      resolveOrThrow(raw, target);
    } catch (CharacterCodingException e) {
      target.refusal = Refusal.INVALID_UTF8;
    } catch (SeriesTable.RefusedException e) {
      target.refusal = e.refusal;
      target.dependOn(table.removals());
    }
  }

  private void resolveOrThrow(RawKey raw, Target target)
      throws CharacterCodingException, SeriesTable.RefusedException {
    String code = text(raw.bytes, raw.typeStart, raw.typeEnd);
    if (code.equals(SET)) {
      target.passedOver = PassedOver.SET;
      return;
    }
    target.type = StatsdType.of(code);
    if (target.type == null) {
      target.refusal = Refusal.UNKNOWN_TYPE;
      return;
    }
    Tags tags = new Tags();
    String name = tags.addFromName(text(raw.bytes, raw.nameStart, raw.nameEnd));
    if (raw.tagsStart != RawKey.NONE) {
      if (!tags.values().isEmpty()) {
        target.refusal = Refusal.MIXED_TAGS;
        return;
      }
      tags.addComponent(text(raw.bytes, raw.tagsStart, raw.tagsEnd));
    }
    target.tagErrors = tags.errors();
    Mapping.Match match = mapping.find(name, target.type);
    target.unmapped = match == null && !mapping.isEmpty();
    if (match != null && match.rule().drop()) {
      target.passedOver = PassedOver.DROP;
      return;
    }
    resolve(name, tags.values(), match, target);
  }

  private void resolve(String name, Map<String, String> tags, Mapping.Match match, Target target)
      throws SeriesTable.RefusedException {
    MappingRule.Observations observations = mapping.defaults();
    String help = "";
    String mapped = name;
    target.divisor = target.type == StatsdType.TIMER ? MILLISECONDS_PER_SECOND : 1;
    if (match != null) {
      MappingRule rule = match.rule();
      observations = rule.observations();
      help = rule.help();
      mapped = rule.name().fill(match.captures());
      target.scale = rule.scale();
      rule.labels()
          .forEach(
              (label, value) -> {
                if (!rule.honorLabels() || !tags.containsKey(label)) {
                  tags.put(label, value.fill(match.captures()));
                }
              });
    }
    SeriesKey.Kind kind =
        switch (target.type) {
          case COUNTER -> SeriesKey.Kind.COUNTER;
          case GAUGE -> SeriesKey.Kind.GAUGE;
          default -> observations.isSummary() ? SeriesKey.Kind.SUMMARY : SeriesKey.Kind.HISTOGRAM;
        };
    SeriesKey key = new SeriesKey(kind, familyName(mapped, kind), labels(tags, kind));
    target.refusal = check(key);
    if (target.refusal != null) {
      return;
    }
    target.series = table.find(key, help.isEmpty() ? DEFAULT_HELP : help, observations.bounds());
    target.series.ttlNanos = observations.ttlNanos();
    if (target.series.place.isOverflow()) {
      target.dependOn(table.removals());
    }
  }

  private static String familyName(String name, SeriesKey.Kind kind) {
    String escaped = Names.escape(name);
    return kind == SeriesKey.Kind.COUNTER && escaped.endsWith(TOTAL_SUFFIX)
        ? escaped.substring(0, escaped.length() - TOTAL_SUFFIX.length())
        : escaped;
  }

  /** Without those that are empty: they are none. */
  private static SortedMap<String, String> labels(Map<String, String> tags, SeriesKey.Kind kind) {
    SortedMap<String, String> labels = new TreeMap<>();
    tags.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            labels.put(Names.label(name, kind), value);
          }
        });
    return labels;
  }

  private static Refusal check(SeriesKey key) {
    if (key.name().isEmpty()) {
      return Refusal.EMPTY_NAME;
    }
    if (key.name().startsWith(OWN_PREFIX)) {
      return Refusal.RESERVED_NAME;
    }
    int namesLength = key.labels().keySet().stream().mapToInt(String::length).sum();
    return key.name().length() > MAX_NAME_LENGTH
            || key.labels().size() > MAX_LABELS
            || namesLength > MAX_LABEL_NAMES_LENGTH
        ? Refusal.TOO_LONG
        : null;
  }

  private static String text(byte[] bytes, int start, int end) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(bytes, start, end - start))
        .toString();
  }
}
