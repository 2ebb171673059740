<?php

$viewdefs['base']['view']['storeline-orders'] = [
    'dashlets' => [
        [
            'label' => 'LBL_STORELINE_ORDERS',
            'description' => 'LBL_STORELINE_ORDERS_DESCRIPTION',
            'config' => [],
            'preview' => [],
            'filter' => [
                'module' => ['Accounts', 'Contacts', 'Leads', 'Opportunities', 'Cases'],
                'view' => 'record',
            ],
        ],
    ],
];
