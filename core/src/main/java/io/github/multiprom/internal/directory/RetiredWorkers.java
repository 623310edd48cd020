package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the retained totals of a directory say of single workers. Thread-safe. */
public final class RetiredWorkers {
  private RetiredWorkers() {}

  /**
   * Whether retained totals of a directory list an incarnation: what it counted counts there, even
   * if it was retired by mistake. Never throws because of what is, or is not, in the directory.
   *
   * @return false if no totals list it, or they cannot be read
   */
  public static boolean wasRetired(Path directory, Incarnation incarnation) {
    FileOwnership ownership = FileOwnership.of(directory);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, StoreFiles.RETAINED_NAME + "*")) {
      for (Path file : files) {
        FileName name = FileName.parse(file.getFileName().toString());
        if (name != null
            && name.isRetained()
            && ownership.mayListOwn(file, name)
            && lists(file, incarnation)) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // A directory that cannot be read has nothing that tells of it.
    }
    return false;
  }

  private static boolean lists(Path totals, Incarnation incarnation) {
    try (WorkerFileReader file = WorkerFileReader.open(totals, new LabelInterner())) {
      if (!file.isRetained()) {
        return false;
      }
      file.readWords();
      file.refreshRecords();
      return file.retired().contains(incarnation);
    } catch (IOException e) {
      return false;
    }
  }
}
