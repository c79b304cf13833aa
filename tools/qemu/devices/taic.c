/*
 * TAIC, the task-aware interrupt controller: the QEMU side.
 *
 * A thin sysbus device around the transaction-level model of the project
 * (taic/model).  It owns no state of the controller: it passes bus accesses
 * and device lines to the model, and the model's lines to the harts.  The
 * iothread lock, held in all of these, is the model's only lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-types-common.h"
#include "qemu/log.h"
#include "qemu/memalign.h"
#include "qemu/module.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "hw/intc/taic.h"
#include "trace.h"

OBJECT_DECLARE_SIMPLE_TYPE(TaicState, TAIC)

struct TaicState {
    /*< private >*/
    SysBusDevice parent_obj;

    /*< public >*/
    MemoryRegion mmio;
    qemu_irq *lines;
    TaicModel *model;
    TaicConfig config;

    /* Properties; a zero geometry value keeps the profile's own */
    char *profile;
    uint32_t num_harts;
    uint32_t queues;
    uint32_t local_queues;
    uint32_t slots;
    uint32_t depth;
    uint32_t external_lines;
    OnOffAuto rtl_quirks;
};

static uint64_t taic_read(void *opaque, hwaddr offset, unsigned size)
{
    TaicState *s = opaque;
    uint64_t value = taic_model_read(s->model, offset, size);

    trace_taic_read(offset, size, value);
    return value;
}

static void taic_write(void *opaque, hwaddr offset, uint64_t value,
                       unsigned size)
{
    TaicState *s = opaque;

    trace_taic_write(offset, size, value);
    taic_model_write(s->model, offset, value, size);
}

/* What a narrow access does is the model's business, so all sizes pass. */
static const MemoryRegionOps taic_ops = {
    .read = taic_read,
    .write = taic_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {
        .min_access_size = 1,
        .max_access_size = 8,
    },
    .impl = {
        .min_access_size = 1,
        .max_access_size = 8,
    },
};

static void taic_external(void *opaque, int line, int level)
{
    TaicState *s = opaque;

    trace_taic_external(line, level);
    taic_model_set_external(s->model, line, level != 0);
}

static void taic_set_line(void *opaque, unsigned hart, unsigned line,
                          bool level)
{
    TaicState *s = opaque;

    if (hart >= s->num_harts || line > 1) {
        return;
    }
    trace_taic_set_line(hart, line ? "usip" : "ssip", level);
    qemu_set_irq(s->lines[line * s->num_harts + hart], level);
}

static void taic_guest_error(void *opaque, const char *message, uint64_t a,
                             uint64_t b)
{
    trace_taic_guest_error(message, a, b);
    qemu_log_mask(LOG_GUEST_ERROR,
                  "taic: %s (0x%" PRIx64 ", 0x%" PRIx64 ")\n", message, a, b);
}

static void taic_event(void *opaque, TaicEvent event, unsigned gq, unsigned lq,
                       uint64_t a, uint64_t b)
{
    switch (event) {
    case TAIC_EVENT_ALLOC:
        trace_taic_alloc(gq, lq, a, b);
        break;
    case TAIC_EVENT_FREE:
        trace_taic_free(gq, lq, a);
        break;
    case TAIC_EVENT_ENQUEUE:
        trace_taic_enqueue(gq, lq, a, b);
        break;
    case TAIC_EVENT_DEQUEUE:
        trace_taic_dequeue(gq, lq, a, b);
        break;
    case TAIC_EVENT_REGISTER_SENDER:
        trace_taic_register_sender(gq, a, b);
        break;
    case TAIC_EVENT_CANCEL_SENDER:
        trace_taic_cancel_sender(gq, a, b);
        break;
    case TAIC_EVENT_REGISTER_RECEIVER:
        trace_taic_register_receiver(gq, a, b);
        break;
    case TAIC_EVENT_SEND:
        trace_taic_send(gq, a, b);
        break;
    case TAIC_EVENT_WAKE:
        trace_taic_wake(gq, a, b);
        break;
    case TAIC_EVENT_WHART:
        trace_taic_whart(gq, a);
        break;
    case TAIC_EVENT_EXTINT:
        trace_taic_extint(gq, a, b);
        break;
    case TAIC_EVENT_ERROR_READ:
        trace_taic_error_read(gq, a);
        break;
    case TAIC_EVENT_REGISTER_EXTINT:
        trace_taic_register_extint(gq, a, b);
        break;
    case TAIC_EVENT_DROP:
        trace_taic_drop(gq, lq, a, b);
        break;
    }
}

static bool taic_choose_config(TaicState *s, bool rtl)
{
    if (!(rtl ? taic_config_rtl : taic_config_thesis)(&s->config,
                                                      s->num_harts)) {
        return false;
    }
    s->config.global_queues = s->queues ?: s->config.global_queues;
    s->config.local_queues = s->local_queues ?: s->config.local_queues;
    s->config.slots = s->slots ?: s->config.slots;
    s->config.depth = s->depth ?: s->config.depth;
    s->config.external_lines = s->external_lines ?: s->config.external_lines;
    if (s->rtl_quirks != ON_OFF_AUTO_AUTO) {
        s->config.rtl_quirks = s->rtl_quirks == ON_OFF_AUTO_ON;
    }
    /* The device tree gives the queue counts as bytes */
    return taic_config_valid(&s->config) && s->config.global_queues <= 255 &&
           s->config.local_queues <= 255;
}

static void taic_realize(DeviceState *dev, Error **errp)
{
    TaicState *s = TAIC(dev);
    TaicHost host = {
        .opaque = s,
        .set_line = taic_set_line,
        .guest_error = taic_guest_error,
        .trace = taic_event,
    };
    bool rtl = s->profile && !strcmp(s->profile, "rtl");

    if (!rtl && (!s->profile || strcmp(s->profile, "thesis"))) {
        error_setg(errp, "taic: the profile must be thesis or rtl");
        return;
    }
    if (!taic_choose_config(s, rtl)) {
        error_setg(errp, "taic: geometry out of range");
        return;
    }

    memory_region_init_io(&s->mmio, OBJECT(dev), &taic_ops, s, TYPE_TAIC,
                          TAIC_MMIO_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);

    s->lines = g_new0(qemu_irq, 2 * s->num_harts);
    qdev_init_gpio_out(dev, s->lines, 2 * s->num_harts);
    qdev_init_gpio_in(dev, taic_external, s->config.external_lines);

    s->model = taic_model_init(
        qemu_memalign(16, taic_model_size(&s->config)), &s->config, &host);
}

static void taic_reset(DeviceState *dev)
{
    taic_model_reset(TAIC(dev)->model);
}

/* The harts' part of user interrupts has no snapshot either */
static const VMStateDescription taic_vmstate = {
    .name = TYPE_TAIC,
    .unmigratable = 1,
};

static Property taic_properties[] = {
    DEFINE_PROP_STRING("profile", TaicState, profile),
    DEFINE_PROP_UINT32("num-harts", TaicState, num_harts, 1),
    DEFINE_PROP_UINT32("queues", TaicState, queues, 0),
    DEFINE_PROP_UINT32("local-queues", TaicState, local_queues, 0),
    DEFINE_PROP_UINT32("slots", TaicState, slots, 0),
    DEFINE_PROP_UINT32("depth", TaicState, depth, 0),
    DEFINE_PROP_UINT32("external-lines", TaicState, external_lines, 0),
    DEFINE_PROP_ON_OFF_AUTO("rtl-quirks", TaicState, rtl_quirks,
                            ON_OFF_AUTO_AUTO),
    DEFINE_PROP_END_OF_LIST(),
};

static void taic_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    device_class_set_props(dc, taic_properties);
    dc->realize = taic_realize;
    dc->reset = taic_reset;
    dc->vmsd = &taic_vmstate;
    /* Its lines need a board that wires them to harts */
    dc->user_creatable = false;
}

static const TypeInfo taic_info = {
    .name          = TYPE_TAIC,
    .parent        = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(TaicState),
    .class_init    = taic_class_init,
};

static void taic_register_types(void)
{
    type_register_static(&taic_info);
}

type_init(taic_register_types)

DeviceState *taic_create(hwaddr base, const char *profile, uint32_t num_harts)
{
    DeviceState *dev = qdev_new(TYPE_TAIC);

    qdev_prop_set_string(dev, "profile", profile);
    qdev_prop_set_uint32(dev, "num-harts", num_harts);
    sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
    sysbus_mmio_map(SYS_BUS_DEVICE(dev), 0, base);
    return dev;
}

const TaicConfig *taic_config(DeviceState *dev)
{
    return &TAIC(dev)->config;
}
