package io.github.multiprom.exposition.format;

import io.github.multiprom.merge.MergedFamily;
import java.util.List;
import java.util.function.Predicate;

/**
 * Writes merged families as messages {@code io.prometheus.client.MetricFamily}, each behind its
 * length. One thread.
 *
 * <p>A message has all samples of its family: a family is written if any of them is wanted. One
 * without series is left out, as readers take it for an error. What precedes the numbers of a
 * series is kept, see {@link FamilyProtobuf}.
 */
final class ProtobufWriter implements ExpositionWriter {
  private final KeptFamilies<FamilyProtobuf> messages = new KeptFamilies<>(FamilyProtobuf::new);

  @Override
  public ExpositionBytes writeAll(List<MergedFamily> families, Predicate<String> sampleNames) {
    ExpositionBytes bytes = writeSome(families, sampleNames);
    messages.forgetGone(families);
    return bytes;
  }

  @Override
  public ExpositionBytes writeSome(List<MergedFamily> families, Predicate<String> sampleNames) {
    Chunks all = new Chunks();
    Chunks message = new Chunks();
    for (MergedFamily family : families) {
      FamilyProtobuf kept = messages.of(family.descriptor());
      if (family.seriesCount() > 0 && kept.isWanted(sampleNames)) {
        kept.write(family, message);
        Message.addVarint(message.total(), all);
        message.moveTo(all);
      }
    }
    messages.forgetSome(families);
    return all.toBytes();
  }
}
