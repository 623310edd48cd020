package io.github.multiprom.exposition.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class ExpositionBytesTest {
  @Test
  void isWhatWasAddedInWhateverParts() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Bytes expected = new Bytes();
    Chunks chunks = new Chunks();
    for (int i = 0; i < 300; i++) {
      // Now and then more than a chunk.
      byte[] part = new byte[random.nextInt(random.nextInt(20) == 0 ? 300_000 : 3_000)];
      random.nextBytes(part);
      for (Bytes bytes : new Bytes[] {expected, chunks}) {
        bytes.add(part);
        bytes.add('x');
        bytes.addLine(part, 0, part.length, i);
      }
    }
    ExpositionBytes text = chunks.toBytes();
    byte[] all = expected.toArray();
    assertEquals(all.length, text.length());
    assertArrayEquals(all, text.toByteArray());
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    text.gzip().writeTo(written);
    assertArrayEquals(
        all, new GZIPInputStream(new ByteArrayInputStream(written.toByteArray())).readAllBytes());
  }

  @Test
  void mayBeEmpty() {
    assertEquals(0, new Chunks().toBytes().length());
    assertEquals(0, new Chunks().toBytes().toByteArray().length);
  }
}
