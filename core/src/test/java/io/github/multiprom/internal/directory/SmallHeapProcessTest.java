package io.github.multiprom.internal.directory;

import static io.github.multiprom.internal.file.WorkerFileLayout.HEADER_LENGTH;
import static io.github.multiprom.internal.file.WorkerFileLayout.MAX_CELLS;
import static io.github.multiprom.internal.file.WorkerFileLayout.MAX_PAGE_CELLS;
import static io.github.multiprom.internal.file.WorkerFileLayout.PUBLISHED_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.RECORD_CHECKSUM_OFFSET;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.RecordChecksum;
import io.github.multiprom.internal.file.RecordDecoder;
import io.github.multiprom.internal.file.RecordEncoder;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector whose JVM ends when its heap does, and files that need more than that. */
class SmallHeapProcessTest {
  /** Beyond the largest page's block, in a hole of the file. */
  private static final long FIRST_BLOCK = 1 << 20;

  @TempDir Path directory;

  @Test
  void readsTheOtherFilesAndOneThatGrowsAsItWas() throws Exception {
    try (Children children = new Children();
        MappedIncarnation good = Killable.worker(directory, "good");
        MappedIncarnation evil = Killable.worker(directory, "evil")) {
      Fixtures.addCounter(good, "c").add(1);
      Fixtures.addCounter(evil, "c").add(2);
      Process collector =
          children.start(
              List.of(), List.of("-XX:+ExitOnOutOfMemoryError"), Main.class, directory.toString());
      assertEquals("3.0 {}", collector.inputReader().readLine());
      growBeyondEveryHeap(StoreFiles.worker(directory, evil.info().incarnation()));
      collector.outputWriter().append("\n").flush();
      // Shown before, and never shown.
      assertEquals("3.0 {too_large=1}", collector.inputReader().readLine());
      assertEquals("1.0 {too_large=1}", collector.inputReader().readLine());
      assertEquals(0, Children.await(collector));
    }
  }

  /** Adds pages of as many cells as a file may have, whose blocks take no space. */
  private static void growBeyondEveryHeap(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      byte[] start = new byte[HEADER_LENGTH];
      file.readFully(start);
      ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
      RecordEncoder encoder = new RecordEncoder();
      RecordChecksum checksum =
          new RecordChecksum(
              new RecordDecoder(new LabelInterner()).incarnation(header.position(16)));
      long end = header.getLong(PUBLISHED_OFFSET);
      long block = FIRST_BLOCK;
      for (int cells = MAX_PAGE_CELLS; cells < MAX_CELLS; cells += MAX_PAGE_CELLS) {
        ByteBuffer record = encoder.page(MAX_PAGE_CELLS, block);
        record.putInt(RECORD_CHECKSUM_OFFSET, checksum.of(end, record, record.remaining()));
        file.seek(end);
        file.write(record.array(), record.arrayOffset(), record.remaining());
        end += record.remaining();
        block += (long) MAX_PAGE_CELLS * Double.BYTES;
      }
      file.setLength(block);
      file.seek(PUBLISHED_OFFSET);
      file.writeLong(Long.reverseBytes(end));
    }
  }

  /** The collector. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
      Path directory = Path.of(arguments[0]);
      try (DirectoryReader reader = new DirectoryReader(directory)) {
        print(reader.read());
        System.in.read();
        print(reader.read());
      }
      print(Fixtures.read(directory));
    }

    private static void print(DirectorySnapshot read) {
      double sum = 0;
      for (Snapshot worker : read.workers()) {
        sum += Fixtures.sumOf(worker, "c");
      }
      System.out.println(sum + " " + read.skipped());
    }
  }
}
