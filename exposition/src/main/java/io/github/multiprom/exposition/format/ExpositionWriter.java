package io.github.multiprom.exposition.format;

import io.github.multiprom.merge.MergedFamily;
import java.util.List;
import java.util.function.Predicate;

/**
 * Writes merged families in one format, in chunks, which need less memory than one array. One
 * thread. What it can use again in the next scrape is kept.
 */
public interface ExpositionWriter {
  /** A writer of a format. */
  static ExpositionWriter of(ExpositionFormat format) {
    return format.isText() ? new TextWriter(format) : new ProtobufWriter();
  }

  /**
   * Writes families, and forgets others.
   *
   * @param families sorted by name
   * @param sampleNames which samples are wanted, by name
   */
  ExpositionBytes writeAll(List<MergedFamily> families, Predicate<String> sampleNames);

  /** Writes families as {@link #writeAll} does, and keeps what it has of the others. */
  ExpositionBytes writeSome(List<MergedFamily> families, Predicate<String> sampleNames);
}
