package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.SkippedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The files that one read of a directory left out, or read in part. One thread. */
final class SkippedFiles {
  /** A directory of foreign files must not fill the log. */
  private static final int MAX_LINES = 10;

  /** As many as a page shows. */
  private static final int MAX_NAMED = 50;

  private final Path directory;
  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<SkippedFile> named = new ArrayList<>();
  // By what tells a skipped file from another one, and from the same for another reason.
  private final Map<String, String> lines = new LinkedHashMap<>();

  SkippedFiles(Path directory) {
    this.directory = directory;
  }

  void add(Path file, IOException why) {
    Reason reason =
        why instanceof UnreadableFileException unreadable ? unreadable.reason() : Reason.IO_ERROR;
    String text = UnreadableFileException.text(why);
    counts.merge(reason.label(), 1, Integer::sum);
    if (named.size() < MAX_NAMED) {
      named.add(new SkippedFile(file.getFileName().toString(), reason.label(), text));
    }
    lines.put("skipped " + file + reason, file + " is not read, or only in part: " + text);
  }

  /** Adds a file of others. */
  void add(SkippedFile file) {
    counts.merge(file.reason(), 1, Integer::sum);
    if (named.size() < MAX_NAMED) {
      named.add(file);
    }
    lines.put(
        "skipped " + directory.resolve(file.name()) + file.reason(),
        directory.resolve(file.name()) + " is not read, or only in part: " + file.why());
  }

  /** How many by reason. */
  Map<String, Integer> counts() {
    return counts;
  }

  /** Some of them. */
  List<SkippedFile> named() {
    return List.copyOf(named);
  }

  /**
   * Logs the files that the previous read of the directory did not skip.
   *
   * @param toldBefore what this method returned at the previous read
   * @return the argument for the next read
   */
  Set<String> tell(Set<String> toldBefore) {
    int written = 0;
    int more = 0;
    for (Map.Entry<String, String> line : lines.entrySet()) {
      if (toldBefore.contains(line.getKey())) {
        continue;
      }
      if (written < MAX_LINES) {
        StoreLog.warnOnce(line.getKey(), line.getValue());
        written++;
      } else {
        more++;
      }
    }
    if (more > 0) {
      StoreLog.warnOnce(
          "skipped more in " + directory + more,
          directory + " has " + more + " more files that are not read, or only in part");
    }
    return Set.copyOf(lines.keySet());
  }
}
