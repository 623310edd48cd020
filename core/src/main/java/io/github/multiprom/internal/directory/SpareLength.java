package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How long a spare must be, so that any worker of a directory can be retired when no space is left:
 * where space is getting short, as long as the totals and the largest worker file together.
 */
final class SpareLength {
  /** With so much space, there is time to make a longer spare later. */
  private static final long PLENTY = 16 << 20;

  /** A spare takes no more than this part of the space that is left. */
  private static final int SPACE_SHARE = 4;

  /**
   * Totals have words and tombstones that a file with few lanes has not, and no more lanes than
   * two.
   */
  private static final int FILE_LENGTHS = 2;

  private SpareLength() {}

  /**
   * The least length in bytes; 0 if there is plenty of space, or if the directory cannot be read.
   */
  static long needed(FileOwnership ownership) {
    long space = ownership.directory().toFile().getUsableSpace();
    if (space >= PLENTY) {
      return 0;
    }
    try {
      long largest = 0;
      for (String name : StoreFiles.names(ownership.directory())) {
        FileName parsed = FileName.parse(name);
        if (parsed != null && parsed.isWorker()) {
          largest = Math.max(largest, ownership.directory().resolve(name).toFile().length());
        }
      }
      return Math.min(FILE_LENGTHS * largest, space / SPACE_SHARE) + used(ownership.retained());
    } catch (IOException e) {
      return 0;
    }
  }

  /** How much of the totals' file is in use; it may be longer, as the spare was that it was. */
  private static long used(Path retained) throws IOException {
    if (!retained.toFile().isFile()) {
      return 0;
    }
    try (FileChannel file =
        FileChannel.open(retained, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      file.read(word, WorkerFileLayout.PUBLISHED_OFFSET);
      return Math.max(0, Math.min(file.size(), word.getLong(0)));
    }
  }
}
