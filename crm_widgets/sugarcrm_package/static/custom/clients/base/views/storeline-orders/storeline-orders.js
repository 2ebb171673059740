/**
 * Frames the Storeline panel of the record that is looked at. Its address is good once: every showing asks for a new one.
 */
({
    plugins: ['Dashlet'],

    SILENT_AFTER_MS: 8000,

    initDashlet: function() {
        this._onMessage = _.bind(this._heard, this);
        window.addEventListener('message', this._onMessage);
    },

    loadData: function(options) {
        if (this.$('.storeline-frame').length) {
            this._open();
        }
        if (options && _.isFunction(options.complete)) {
            options.complete();
        }
    },

    _render: function() {
        this._super('_render');
        if (!this.meta.config && !this.meta.preview) {
            this._open();
        }
    },

    _open: function() {
        var parent = this.context.parent || this.context;
        var model = parent.get('model');
        var id = model && model.get('id');
        if (!id) {
            if (model) {
                this.stopListening(model, 'sync');
                this.listenToOnce(model, 'sync', this._open);
            }
            return;
        }
        var path = 'Storeline/launch/' + encodeURIComponent(parent.get('module')) + '/' + encodeURIComponent(id);
        app.api.call('read', app.api.buildURL(path), null, {
            success: _.bind(this._show, this),
            error: _.bind(this._failed, this)
        });
    },

    _show: function(answer) {
        if (this.disposed) {
            return;
        }
        var frame = this.$('.storeline-frame');
        this._say('');
        frame.show().attr('src', answer.url);
        clearTimeout(this._timer);
        this._timer = setTimeout(_.bind(function() {
            var host = answer.url.split('/').slice(0, 3).join('/');
            this._say(app.lang.get('LBL_STORELINE_SILENT') + ' ' + host);
        }, this), this.SILENT_AFTER_MS);
    },

    _failed: function(error) {
        if (this.disposed) {
            return;
        }
        clearTimeout(this._timer);
        this.$('.storeline-frame').hide().removeAttr('src');
        this._say(app.lang.get('LBL_STORELINE_FAILED') + ' ' + (error && error.message || ''));
    },

    _heard: function(event) {
        var frame = this.$('.storeline-frame').get(0);
        if (frame && event.source === frame.contentWindow && event.data && event.data.type === 'storeline:ready') {
            clearTimeout(this._timer);
            this._say('');
        }
    },

    _say: function(words) {
        this.$('.storeline-words').text(words).toggle(Boolean(words));
    },

    _dispose: function() {
        clearTimeout(this._timer);
        window.removeEventListener('message', this._onMessage);
        this._super('_dispose');
    }
})
