package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The normative text and the constants say the same. */
class FileFormatTest {
  private static final Path TEXT = Path.of("..", "docs", "file-format.md");
  private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| `([A-Z_]+)` \\|.*");

  private static Map<String, Integer> documented() throws IOException {
    Map<String, Integer> numbers = new TreeMap<>();
    for (String line : Files.readAllLines(TEXT)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        numbers.put(row.group(2), Integer.valueOf(row.group(1)));
      }
    }
    return numbers;
  }

  @Test
  void everyDocumentedNumberIsThatOfItsConstant() throws Exception {
    Map<String, Integer> documented = documented();
    for (Map.Entry<String, Integer> number : documented.entrySet()) {
      Field constant = WorkerFileLayout.class.getDeclaredField(number.getKey());
      assertEquals(constant.getInt(null), number.getValue(), number.getKey());
    }
    assertTrue(documented.size() >= 28, documented + " are too few");
  }

  @Test
  void everyOffsetAndRecordKindIsDocumented() throws Exception {
    Map<String, Integer> documented = documented();
    List<String> kinds =
        List.of(
            "FAMILY",
            "SERIES",
            "PAGE",
            "BLOCK",
            "TOMBSTONE",
            "SEGMENT",
            "RETIRED",
            "PREDECESSOR",
            "BUCKETS",
            "EXEMPLARS");
    for (Field field : WorkerFileLayout.class.getDeclaredFields()) {
      boolean constant = Modifier.isStatic(field.getModifiers()) && !field.isSynthetic();
      if (constant && (field.getName().endsWith("_OFFSET") || kinds.contains(field.getName()))) {
        assertTrue(documented.containsKey(field.getName()), field.getName());
      }
    }
  }

  @Test
  void theMagicIsReadable() {
    byte[] magic =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(WorkerFileLayout.MAGIC)
            .array();
    assertEquals("MULTPROM", new String(magic, StandardCharsets.US_ASCII));
  }

  @Test
  void fieldsDoNotOverlap() {
    assertTrue(
        WorkerFileLayout.WORKER_NAME_OFFSET + Integer.BYTES + WorkerFileLayout.MAX_NAME_LENGTH
            <= WorkerFileLayout.HOST_OFFSET);
    assertTrue(
        WorkerFileLayout.HOST_OFFSET + Integer.BYTES + WorkerFileLayout.MAX_NAME_LENGTH
            <= WorkerFileLayout.PUBLISHED_OFFSET);
    assertTrue(
        WorkerFileLayout.PUBLISHED_OFFSET + WorkerFileLayout.HEADER_WORDS_LENGTH
            <= WorkerFileLayout.HEADER_LENGTH);
    assertEquals(0, WorkerFileLayout.PUBLISHED_OFFSET % Long.BYTES);
  }
}
