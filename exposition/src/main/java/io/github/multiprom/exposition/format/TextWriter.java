package io.github.multiprom.exposition.format;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.SampleNames;
import io.github.multiprom.model.CreatedSeries;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Writes merged families as text, in one format. One thread.
 *
 * <p>What it writes is what simpleclient 0.16 writes for the same samples, but for the numbers,
 * which it prints as Go does. All that stands before a number is kept, see {@link FamilyText}; a
 * warm scrape copies bytes and prints numbers.
 */
public final class TextWriter implements ExpositionWriter {
  private final ExpositionFormat format;
  private final KeptFamilies<FamilyText> texts;

  /** A writer of a text format. */
  public TextWriter(ExpositionFormat format) {
    this.format = format;
    texts = new KeptFamilies<>(family -> new FamilyText(family, format));
  }

  /** What {@link #writeAll} writes, in one array of UTF-8. */
  public byte[] write(List<MergedFamily> families, Predicate<String> sampleNames) {
    return writeAll(families, sampleNames).toByteArray();
  }

  @Override
  public ExpositionBytes writeAll(List<MergedFamily> families, Predicate<String> sampleNames) {
    ExpositionBytes text = writeSome(families, sampleNames);
    texts.forgetGone(families);
    return text;
  }

  @Override
  public ExpositionBytes writeSome(List<MergedFamily> families, Predicate<String> sampleNames) {
    Chunks text = new Chunks();
    write(families, sampleNames, text);
    texts.forgetSome(families);
    return text.toBytes();
  }

  private void write(List<MergedFamily> families, Predicate<String> sampleNames, Bytes out) {
    List<MergedFamily> withCreated = new ArrayList<>();
    for (MergedFamily family : families) {
      boolean created = CreatedSeries.SHOWN && family.withCreated();
      boolean inline = created && format == ExpositionFormat.OPENMETRICS;
      texts.of(family.descriptor()).write(family, sampleNames, inline, out);
      if (created && !inline && sampleNames.test(SampleNames.created(family.descriptor()))) {
        withCreated.add(family);
      }
    }
    // As simpleclient does: the old format knows no created samples, so they are gauges behind.
    withCreated.sort(Comparator.comparing(family -> SampleNames.created(family.descriptor())));
    for (MergedFamily family : withCreated) {
      texts.of(family.descriptor()).writeCreatedFamily(family, out);
    }
    if (format == ExpositionFormat.OPENMETRICS) {
      out.add("# EOF\n");
    }
  }
}
