package io.github.multiprom.exposition.format;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.SampleNames;
import io.github.multiprom.model.CreatedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Writes merged families as text, in one format. One thread.
 *
 * <p>What it writes is what simpleclient 0.16 writes for the same samples, but for the numbers,
 * which it prints as Go does. All that stands before a number is kept, see {@link FamilyText}; a
 * warm scrape copies bytes and prints numbers.
 */
public final class TextWriter {
  private static final int MAX_GONE = 16;
  private static final int MAX_OTHERS = 1_000;

  private final ExpositionFormat format;
  private final Map<String, FamilyText> texts = new HashMap<>();

  /** A writer of a format. */
  public TextWriter(ExpositionFormat format) {
    this.format = format;
  }

  /**
   * Writes families, and forgets others.
   *
   * @param families sorted by name
   * @param sampleNames which samples are wanted, by name
   * @return the text in UTF-8, in one array
   */
  public byte[] write(List<MergedFamily> families, Predicate<String> sampleNames) {
    return text(families, sampleNames).toByteArray();
  }

  /**
   * Writes families in chunks, which need less memory than one array, and forgets others.
   *
   * @param families sorted by name
   * @param sampleNames which samples are wanted, by name
   */
  public ExpositionBytes text(List<MergedFamily> families, Predicate<String> sampleNames) {
    ExpositionBytes text = textOfSome(families, sampleNames);
    forgetOthers(families, MAX_GONE);
    return text;
  }

  /** Writes families, and keeps what it has of the others. */
  public ExpositionBytes textOfSome(List<MergedFamily> families, Predicate<String> sampleNames) {
    Chunks text = new Chunks();
    write(families, sampleNames, text);
    // If nobody asks for all families, those that are gone are forgotten here.
    forgetOthers(families, MAX_OTHERS);
    return text.toBytes();
  }

  void write(List<MergedFamily> families, Predicate<String> sampleNames, Bytes out) {
    List<MergedFamily> withCreated = new ArrayList<>();
    for (MergedFamily family : families) {
      boolean created = CreatedSeries.SHOWN && family.withCreated();
      boolean inline = created && format == ExpositionFormat.OPENMETRICS;
      text(family.descriptor()).write(family, sampleNames, inline, out);
      if (created && !inline && sampleNames.test(SampleNames.created(family.descriptor()))) {
        withCreated.add(family);
      }
    }
    // As simpleclient does: the old format knows no created samples, so they are gauges behind.
    withCreated.sort(Comparator.comparing(family -> SampleNames.created(family.descriptor())));
    for (MergedFamily family : withCreated) {
      text(family.descriptor()).writeCreatedFamily(family, out);
    }
    if (format == ExpositionFormat.OPENMETRICS) {
      out.add("# EOF\n");
    }
  }

  private FamilyText text(FamilyDescriptor family) {
    FamilyText known = texts.get(family.name());
    if (known == null || !known.isOf(family)) {
      known = new FamilyText(family, format);
      texts.put(family.name(), known);
    }
    return known;
  }

  private void forgetOthers(List<MergedFamily> families, int max) {
    if (texts.size() > 2 * families.size() + max) {
      Set<String> names = new HashSet<>();
      families.forEach(family -> names.add(family.descriptor().name()));
      texts.keySet().retainAll(names);
    }
  }
}
