/* What a clip is: container, length, picture size, streams. Nothing is decoded that the headers
 * tell; then the packets are read through once, so that a file cut short is found out here and not
 * by the service. */
#include "probe/look.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/display.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nightshift/probe.h"

#define READ_BYTES ((size_t)64 * 1024)
/* The containers that the service takes, as libavformat calls their demuxers. No playlist format
 * (HLS, concat, DASH) is among them: those open further files. */
#define CONTAINERS "mov,matroska,flv,mpeg,mpegts,avi,mjpeg,ogg"
/* Packets are not read through when the header tells more than any clip may last. */
#define LONG_ENOUGH_US (INT64_C(60) * AV_TIME_BASE)
/* On a slow disk the reading through is given up after this: it only refines. */
#define READ_THROUGH_MS 3000
/* So much may be missing at the end of what the header declares: the last picture may stand long,
 * and not every container says how long. */
#define MISSING_US (INT64_C(2) * AV_TIME_BASE)

struct source {
  int clip;
  int64_t at, size;
};

struct view {
  AVFormatContext *format;
  int64_t length_us;
  int width, height;
  bool video, sound;
};

static int source_read(void *opaque, uint8_t *bytes, int size) {
  struct source *source = opaque;
  ssize_t count;
  do
    count = pread(source->clip, bytes, (size_t)size, source->at);
  while (count < 0 && errno == EINTR);
  if (count < 0) return AVERROR(errno);
  if (count == 0) return AVERROR_EOF;
  source->at += count;
  return (int)count;
}

static int64_t source_seek(void *opaque, int64_t offset, int whence) {
  struct source *source = opaque;
  if (whence == AVSEEK_SIZE) return source->size;
  whence &= ~AVSEEK_FORCE;
  int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source->at : source->size;
  if (offset < -base || (offset > 0 && base > INT64_MAX - offset)) return AVERROR(EINVAL);
  return source->at = base + offset;
}

/* Demuxers that want another file (a reference inside the clip) do not get it. */
static int refuse_open(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
                       AVDictionary **options) {
  (void)format, (void)io, (void)url, (void)flags, (void)options;
  return AVERROR(EPERM);
}

static int64_t now_ms(void) {
  struct timespec now;
  return clock_gettime(CLOCK_MONOTONIC, &now) != 0
             ? 0
             : (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A word for the answer: only harmless characters, "-" when empty. */
static const char *harmless(const char *text, char *word, size_t size) {
  size_t length = 0;
  for (; text != NULL && text[length] != '\0' && length + 1 < size; length++)
    word[length] = isalnum((unsigned char)text[length]) || text[length] == ',' ? text[length] : '_';
  word[length] = '\0';
  return length > 0 ? word : "-";
}

static void answer_no(char *answer, const char *word, const char *detail) {
  char name[64];
  if (detail == NULL)
    snprintf(answer, PROBE_ANSWER_MAX, "no %s\n", word);
  else
    snprintf(answer, PROBE_ANSWER_MAX, "no %s %s\n", word, harmless(detail, name, sizeof name));
}

static void answer_failure(char *answer, int code) {
  answer_no(answer, code == AVERROR(ENOMEM) ? PROBE_NO_MEMORY : PROBE_NO_HEADER, NULL);
}

/* Quarter turns of the picture that a player makes, as phones write them. */
static bool stands_on_its_side(const AVStream *stream) {
  const uint8_t *matrix = NULL;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  const AVPacketSideData *side =
      av_packet_side_data_get(stream->codecpar->coded_side_data,
                              stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  if (side != NULL && side->size >= 9 * sizeof(int32_t)) matrix = side->data;
#else
  size_t size = 0;
  matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (size < 9 * sizeof(int32_t)) matrix = NULL;
#endif
  if (matrix == NULL) return false;
  int32_t numbers[9];
  memcpy(numbers, matrix, sizeof numbers);
  double degrees = fabs(av_display_rotation_get(numbers));
  return degrees > 45 && degrees < 135;
}

static void view_picture(struct view *view, const AVStream *stream) {
  int width = stream->codecpar->width, height = stream->codecpar->height;
  view->video = true;
  if (width <= 0 || height <= 0 || (int64_t)width * height <= (int64_t)view->width * view->height)
    return;
  bool turned = stands_on_its_side(stream);
  view->width = turned ? height : width;
  view->height = turned ? width : height;
}

/* Reads the stream list. A picture attached as a cover is no video. */
static void view_streams(struct view *view) {
  view->video = view->sound = false;
  view->width = view->height = 0;
  for (unsigned i = 0; i < view->format->nb_streams; i++) {
    const AVStream *stream = view->format->streams[i];
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) view->sound = true;
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
        (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0)
      view_picture(view, stream);
  }
  view->length_us = view->format->duration;
}

/* Whether the index names bytes that the file does not have. */
static bool index_ends_beyond(const AVFormatContext *format, int64_t size) {
  for (unsigned i = 0; i < format->nb_streams; i++) {
    int count = avformat_index_get_entries_count(format->streams[i]);
    for (int k = 0; k < count; k++) {
      const AVIndexEntry *entry = avformat_index_get_entry(format->streams[i], k);
      if (entry != NULL && entry->pos > size - entry->size) return true;
    }
  }
  return false;
}

/* Reads all packets; *end_us is where the last of them ends. False when given up. */
static bool read_through(AVFormatContext *format, AVPacket *packet, int64_t *end_us) {
  int64_t start_ms = now_ms(), start_us = format->start_time, furthest_us = INT64_MIN;
  while (av_read_frame(format, packet) >= 0) {
    const AVStream *stream = format->streams[packet->stream_index];
    int64_t at = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    if (at != AV_NOPTS_VALUE) {
      int64_t from_us = av_rescale_q(at, stream->time_base, AV_TIME_BASE_Q);
      int64_t to_us = from_us + av_rescale_q(packet->duration, stream->time_base, AV_TIME_BASE_Q);
      if (start_us == AV_NOPTS_VALUE) start_us = from_us;
      if (to_us > furthest_us) furthest_us = to_us;
    }
    av_packet_unref(packet);
    if (now_ms() - start_ms > READ_THROUGH_MS) return false;
  }
  *end_us = furthest_us == INT64_MIN ? 0 : furthest_us - start_us;
  return true;
}

/* NULL when all that the header promises is there, else the word for what is amiss. Fills in the
 * length when the header has none, as in clips recorded by a browser. */
static const char *view_whole(struct view *view, int64_t size) {
  bool known = view->length_us > 0; /* AV_NOPTS_VALUE is negative */
  if (known && view->length_us > LONG_ENOUGH_US) return NULL;
  if (index_ends_beyond(view->format, size)) return PROBE_CUT;
  AVPacket *packet = av_packet_alloc();
  if (packet == NULL) return PROBE_NO_MEMORY;
  int64_t end_us = 0;
  bool whole = read_through(view->format, packet, &end_us);
  av_packet_free(&packet);
  if (!known) view->length_us = whole ? end_us : 0;
  if (view->length_us <= 0) return PROBE_NO_LENGTH;
  return whole && end_us < view->length_us - MISSING_US ? PROBE_CUT : NULL;
}

static void answer_view(const struct view *view, char *answer) {
  char container[64], brand[16];
  const AVDictionaryEntry *major = av_dict_get(view->format->metadata, "major_brand", NULL, 0);
  snprintf(answer, PROBE_ANSWER_MAX,
           "ok length_ms=%" PRId64 " width=%d height=%d video=%d sound=%d format=%s brand=%s\n",
           (view->length_us + 500) / 1000, view->width, view->height, view->video, view->sound,
           harmless(view->format->iformat->name, container, sizeof container),
           harmless(major != NULL ? major->value : NULL, brand, sizeof brand));
}

static void look_inside(AVFormatContext *format, int64_t size, char *answer) {
  struct view view = {.format = format};
  view_streams(&view);
  if (!view.video || !view.sound || view.width == 0 || view.length_us <= 0) {
    /* The header does not tell all: let libavformat read ahead, and decode if it must. */
    int code = avformat_find_stream_info(format, NULL);
    if (code < 0) {
      answer_failure(answer, code);
      return;
    }
    view_streams(&view);
  }
  const char *amiss = view_whole(&view, size);
  if (amiss != NULL)
    answer_no(answer, amiss, NULL);
  else
    answer_view(&view, answer);
}

/* Opens the container over `io`; on failure the answer is written and NULL returned. */
static AVFormatContext *open_container(AVIOContext *io, char *answer) {
  const AVInputFormat *kind = NULL;
  int code = av_probe_input_buffer2(io, &kind, "", NULL, 0, 0);
  if (code < 0 || kind == NULL || !av_match_list(kind->name, CONTAINERS, ',')) {
    answer_no(answer, PROBE_NO_CONTAINER, code >= 0 && kind != NULL ? kind->name : NULL);
    return NULL;
  }
  AVFormatContext *format = avformat_alloc_context();
  if (format == NULL) {
    answer_no(answer, PROBE_NO_MEMORY, NULL);
    return NULL;
  }
  format->pb = io;
  format->io_open = refuse_open;
  format->format_whitelist = av_strdup(CONTAINERS);
  format->protocol_whitelist = av_strdup("");
  code = avformat_open_input(&format, "", kind, NULL); /* frees `format` when it fails */
  if (code < 0) answer_failure(answer, code);
  return code < 0 ? NULL : format;
}

void look_at_clip(int clip, char *answer) {
  struct stat status;
  answer_no(answer, PROBE_NO_MEMORY, NULL);
  if (fstat(clip, &status) != 0 || !S_ISREG(status.st_mode)) {
    answer_no(answer, PROBE_NO_CONTAINER, NULL);
    return;
  }
  struct source source = {.clip = clip, .size = status.st_size};
  uint8_t *bytes = av_malloc(READ_BYTES);
  if (bytes == NULL) return;
  AVIOContext *io =
      avio_alloc_context(bytes, (int)READ_BYTES, 0, &source, source_read, NULL, source_seek);
  if (io == NULL) {
    av_free(bytes);
    return;
  }
  AVFormatContext *format = open_container(io, answer);
  if (format != NULL) {
    look_inside(format, source.size, answer);
    avformat_close_input(&format); /* leaves `io`, which is ours, alone */
  }
  av_freep(&io->buffer);
  avio_context_free(&io);
}
